//! JSON before it is read into types: where values end, where a List's items lie, which kind an object has.
//!
//! The guesses here are cheap and may be wrong; a wrong cut does not parse, and a wrong kind does
//! not fit. Then the parser decides.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use memchr::memmem;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::header::Header;

/// How far into an object its first keys are looked for.
const GLANCE: usize = 512;

/// A List's items and what is left without them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) items: Vec<Range<usize>>,
    pub(super) envelope: String,
}

/// Whether a document is to be tried as JSON first.
pub(super) fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// The mappings and lists of a text with one or several, one after the other.
pub(super) fn values(text: &str) -> Option<Vec<Range<usize>>> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    values
        .map(|value| {
            let value = value.ok()?;
            value
                .get()
                .starts_with(['{', '['])
                .then(|| within(text, value))
        })
        .collect()
}

/// Values that each start at the beginning of a line, which no string can contain; a guess.
pub(super) fn lines(text: &str) -> Vec<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let starts: Vec<usize> = std::iter::once(start)
        .chain(
            memmem::find_iter(text.as_bytes(), "\n{")
                .map(|at| at + 1)
                .filter(|&at| at > start),
        )
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| start..start + text[start..end].trim_end().len())
        .collect()
}

/// The items of a List by the way it is printed; a guess.
pub(super) fn guess_items(text: &str) -> Option<Cut> {
    let open = items_start(text)?;
    let bytes = text.as_bytes();
    let first = skip_space(bytes, open);
    (bytes.get(first) == Some(&b'{')).then_some(())?;
    let indent = first - open;
    let (starts, last_end) = if bytes.get(open) == Some(&b'\n') {
        // Indented: every item starts on a line of its own, at one column.
        let lead = &text[open..first];
        let needle = format!("{lead}{{");
        let starts: Vec<usize> = memmem::find_iter(&bytes[open..], &needle)
            .map(|at| open + at + indent)
            .collect();
        let last = *starts.last()?;
        let closing = format!("{lead}}}");
        let end = last + memmem::find(&bytes[last..], closing.as_bytes())? + closing.len();
        (starts, end)
    } else {
        let starts: Vec<usize> = std::iter::once(first)
            .chain(
                memmem::find_iter(&bytes[first..], "},{\"")
                    .map(|at| first + at + 2)
                    .filter(|&at| is_object_start(&bytes[at..])),
            )
            .collect();
        let last = *starts.last()?;
        (starts, value_end(bytes, last)?)
    };
    let ends = starts.iter().skip(1).copied().chain([last_end]);
    let items: Vec<Range<usize>> = starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let item = text[start..end].trim_end();
            start..start + item.strip_suffix(',').unwrap_or(item).trim_end().len()
        })
        .collect();
    envelope(text, open, items)
}

/// Whether an object starts with a key that Kubernetes objects start with when printed.
fn is_object_start(bytes: &[u8]) -> bool {
    ["{\"apiVersion\":", "{\"kind\":", "{\"addressType\":"]
        .iter()
        .any(|start| bytes.starts_with(start.as_bytes()))
}

/// The items of a List, exactly, wherever its keys and however its blanks are.
pub(super) fn scan_items(text: &str) -> Option<Cut> {
    let Items(items) = serde_json::from_str(text).ok()?;
    let items = items?;
    let list = within(text, items).start;
    let cut = elements(items.get())?.into_iter();
    let cut = cut.map(|item| list + item.start..list + item.end);
    envelope(text, list + 1, cut.collect())
}

/// The list under the first key `items` of a mapping.
struct Items<'t>(Option<&'t RawValue>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items<'de>, A::Error> {
        let mut items = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let value: &RawValue = map.next_value()?;
            if items.is_none() && key == "items" && value.get().starts_with('[') {
                items = Some(value);
            }
        }
        Ok(Items(items))
    }
}

/// The elements of a list, exactly.
pub(super) fn elements(text: &str) -> Option<Vec<Range<usize>>> {
    if !text.trim_start().starts_with('[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let elements = elements.into_iter();
    Some(elements.map(|element| within(text, element)).collect())
}

/// Where a value that was borrowed from a text lies in it.
fn within(text: &str, value: &RawValue) -> Range<usize> {
    let value = value.get();
    let start = value.as_ptr() as usize - text.as_ptr() as usize;
    start..start + value.len()
}

fn envelope(text: &str, open: usize, items: Vec<Range<usize>>) -> Option<Cut> {
    let end = items.last()?.end;
    Some(Cut {
        envelope: format!("{}{}", &text[..open], &text[end..]),
        items,
    })
}

/// Past the bracket of the `items` of an object that has them among its first keys.
fn items_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    for (key, value) in first_keys(text) {
        if key == "items" && bytes.get(value) == Some(&b'[') {
            return Some(value + 1);
        }
    }
    None
}

/// Kind and API version of an object, a guess where its kind is far from its start.
pub(super) fn sniff(text: &str) -> Option<Header> {
    let mut header = Header::default();
    for (key, value) in first_keys(text) {
        let target = match key {
            "apiVersion" => &mut header.api_version,
            "kind" => &mut header.kind,
            _ => continue,
        };
        let end = string_end(text.as_bytes(), value)?;
        *target = Some(text.get(value + 1..end - 1)?.to_owned());
    }
    if header.kind.is_none() && text.get(..GLANCE.min(text.len())).is_some() {
        // Sorted keys put a slice's kind behind its endpoints.
        let slice = memmem::find(text.as_bytes(), b"\"EndpointSlice\"").is_some();
        let version = header.api_version.as_deref() == Some("discovery.k8s.io/v1");
        if slice && version {
            header.kind = Some("EndpointSlice".to_owned());
        }
    }
    (header.kind.is_some() && header.api_version.is_some()).then_some(header)
}

/// The first keys of an object and where their values start, within a glance.
fn first_keys(text: &str) -> Vec<(&str, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = skip_space(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return found;
    }
    at = skip_space(bytes, at + 1);
    while let Some(end) = string_end(bytes, at) {
        let colon = skip_space(bytes, end);
        if bytes.get(colon) != Some(&b':') {
            break;
        }
        let value = skip_space(bytes, colon + 1);
        let Some(key) = text.get(at + 1..end - 1) else {
            break;
        };
        found.push((key, value));
        let window = &bytes[..bytes.len().min(value + GLANCE)];
        let Some(end) = value_end(window, value) else {
            break;
        };
        let comma = skip_space(bytes, end);
        if bytes.get(comma) != Some(&b',') {
            break;
        }
        at = skip_space(bytes, comma + 1);
        if at > 2 * GLANCE {
            break;
        }
    }
    found
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    bytes[at..]
        .iter()
        .position(|byte| !space(byte))
        .map_or(bytes.len(), |skip| at + skip)
}

/// Past the closing quote of the string that starts here.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    (bytes.get(start) == Some(&b'"')).then_some(())?;
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at = (at + 2).min(bytes.len());
    }
}

/// Past the value that starts here, judged by brackets and quotes alone.
fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => string_end(bytes, start),
        b'{' | b'[' => {
            let mut depth = 0_usize;
            let mut at = start;
            while let Some(byte) = bytes.get(at) {
                match byte {
                    b'"' => {
                        at = string_end(bytes, at)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
            None
        }
        _ => {
            let end = |byte: &u8| {
                matches!(
                    byte,
                    b',' | b'}' | b']' | b'{' | b'[' | b'"' | b' ' | b'\t' | b'\n' | b'\r'
                )
            };
            let length = bytes[start..]
                .iter()
                .position(end)
                .unwrap_or(bytes.len() - start);
            (length > 0).then_some(start + length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_values() {
        let text = "{\"a\": \"}\\\"\"}\n{}[1, 2] {\"b\": {}}";
        let found: Vec<_> = values(text)
            .unwrap()
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(found, ["{\"a\": \"}\\\"\"}", "{}", "[1, 2]", "{\"b\": {}}"]);
        assert_eq!(values("{\"a\": [}"), None);
        assert_eq!(lines("{}\n{\n}\n"), [0..2, 3..6]);
    }

    #[test]
    fn cuts_lists() {
        let compact = r#"{"apiVersion":"v1","items":[{"apiVersion":"v1","a":[{"b":1},{"c":2}]},{"kind":"B"}],"kind":"List"}"#;
        let pretty = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {\n            \"a\": {\n            }\n        },\n        {\n            \"b\": 1\n        }\n    ],\n    \"kind\": \"List\"\n}\n";
        for text in [compact, pretty] {
            let cut = guess_items(text).unwrap();
            assert_eq!(cut, scan_items(text).unwrap(), "{text}");
            assert_eq!(cut.items.len(), 2);
            assert!(serde_json::from_str::<serde_json::Value>(&cut.envelope).is_ok());
        }
        let blanks = compact.replace(':', ": ").replace(',', ", ");
        let cut = scan_items(&blanks).unwrap();
        let items: Vec<&str> = cut.items.iter().map(|item| &blanks[item.clone()]).collect();
        assert_eq!(
            items,
            [
                r#"{"apiVersion": "v1", "a": [{"b": 1}, {"c": 2}]}"#,
                r#"{"kind": "B"}"#
            ]
        );
        let late = format!(
            r#"{{"metadata":{{"note":"{}"}},{}"#,
            "x".repeat(2 * GLANCE),
            &compact[1..]
        );
        assert_eq!(scan_items(&late).unwrap().items.len(), 2);
        assert_eq!(guess_items(r#"{"items":[]}"#), None);
        assert_eq!(scan_items(r#"{"items":[{}"#), None);
    }

    #[test]
    fn sniffs_early_and_late_kinds() {
        let early = r#"{"kind":"Service","apiVersion":"v1"}"#;
        assert_eq!(sniff(early), Some(Header::new("v1", "Service")));
        let filler = "x".repeat(2 * GLANCE);
        let late = format!(
            r#"{{"addressType":"IPv4","apiVersion":"discovery.k8s.io/v1","endpoints":["{filler}"],"kind":"EndpointSlice"}}"#
        );
        assert_eq!(
            sniff(&late),
            Some(Header::new("discovery.k8s.io/v1", "EndpointSlice"))
        );
        assert_eq!(sniff(r#"{"kind":"Service"}"#), None);
        assert_eq!(sniff("[1]"), None);
    }
}
