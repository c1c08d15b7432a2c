//! YAML that its readers take for different values, though it parses.

use memchr::memchr2;

use crate::source::outline::{Leaf, Outline};
use crate::source::{FieldPath, Format, ObjectId, Objects, Segment, Sources};

/// What readers disagree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ambiguity<'t> {
    /// `yes`, `no`, `on` or `off` without quotes.
    Boolean(&'t str),
    /// A number with leading zeros, without quotes.
    Octal(&'t str),
    /// Text that stands elsewhere.
    Alias,
}

/// Tells of each ambiguity in an object that was read: the object, the field, what it is.
pub(crate) fn ambiguities(
    sources: &Sources,
    objects: &Objects,
    tell: &mut dyn FnMut(ObjectId, FieldPath, Ambiguity<'_>),
) {
    let mut found: Vec<(Vec<Segment>, Ambiguity<'_>)> = Vec::new();
    let mut last = None;
    for (object, document) in objects.iter() {
        if document.format == Format::Json {
            continue;
        }
        // Objects of one stretch follow one another.
        if last != Some(document.span) {
            last = Some(document.span);
            let text = &sources.get(document.span.source).text[document.span.range()];
            found = in_document(text);
        }
        for (path, what) in &found {
            if let Some(rest) = path.strip_prefix(document.path.segments()) {
                tell(object, rest.iter().cloned().collect(), *what);
            }
        }
    }
}

fn in_document(text: &str) -> Vec<(Vec<Segment>, Ambiguity<'_>)> {
    // Nearly no document has any: a look at its words is cheaper than parsing it once more.
    if !may_have_any(text) {
        return Vec::new();
    }
    let Some(outline) = Outline::parse(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    outline.leaves(&mut |path, leaf| {
        let what = match leaf {
            Leaf::Alias => Some(Ambiguity::Alias),
            Leaf::Plain(span) => text.get(span).and_then(plain),
            Leaf::Quoted => None,
        };
        found.extend(what.map(|what| (path.to_vec(), what)));
    });
    found
}

fn may_have_any(text: &str) -> bool {
    let breaks = |c: char| c.is_whitespace() || ",[]{}:".contains(c);
    memchr2(b'*', b'&', text.as_bytes()).is_some()
        || text.split(breaks).any(|word| plain(word).is_some())
}

fn plain(text: &str) -> Option<Ambiguity<'_>> {
    const BOOLEANS: [&str; 12] = [
        "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
    ];
    if BOOLEANS.contains(&text) {
        return Some(Ambiguity::Boolean(text));
    }
    let digits = text.strip_prefix('0')?;
    let octal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    octal.then_some(Ambiguity::Octal(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_settle_it() {
        let text = "a: &x {on: 1}\nb: *x\nc: [yes, 'yes', 0080, \"0080\", 0, 10, 0x1f, node]\n";
        let found: Vec<(String, Ambiguity<'_>)> = in_document(text)
            .into_iter()
            .map(|(path, what)| {
                let path: FieldPath = path.into_iter().collect();
                (path.to_string(), what)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("b".to_owned(), Ambiguity::Alias),
                ("c[0]".to_owned(), Ambiguity::Boolean("yes")),
                ("c[2]".to_owned(), Ambiguity::Octal("0080")),
            ]
        );
        assert!(!may_have_any("a: 1\nb: {c: note, d: 10.0.0.1}\n"));
    }
}
