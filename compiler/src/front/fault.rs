//! What a parser complained about, in words for people.

use crate::diag::Code;

use super::phrases::{self, Phrase};
use super::strict::Watch;
use crate::source::{ObjectKind, limits};

/// A parser's complaint about one stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: String,
    /// Line and column within the stretch, from 1, where the parser knew them.
    pub(super) place: Option<(usize, usize)>,
}

impl Fault {
    pub(super) fn yaml(error: &serde_yaml::Error, watch: &Watch) -> Self {
        let raw = error.to_string();
        let place = error.location().map(|at| (at.line(), at.column()));
        Self::new(&raw, opening_quote(&raw).or(place), watch)
    }

    pub(super) fn json(error: &serde_json::Error, watch: &Watch) -> Self {
        let place = (error.line() > 0).then(|| (error.line(), error.column().max(1)));
        Self::new(&error.to_string(), place, watch)
    }

    /// That a text nests too deep, there.
    pub(super) fn too_deep(place: Option<(usize, usize)>) -> Self {
        Self {
            code: Code::Limit,
            message: format!(
                "mappings and lists nest deeper than {} levels",
                limits::NESTING
            ),
            help: "no Kubernetes object nests that deep; remove the levels".to_owned(),
            place,
        }
    }

    fn new(raw: &str, place: Option<(usize, usize)>, watch: &Watch) -> Self {
        let raw = without_place(raw);
        if watch.too_deep || raw.contains(phrases::DEEP) {
            return Self::too_deep(place);
        }
        if watch.bomb || raw.contains(phrases::BOMB) {
            return Self {
                code: Code::Limit,
                message: "an alias bomb: aliases repeat too much text".to_owned(),
                help: "write the values out, or anchor smaller pieces".to_owned(),
                place,
            };
        }
        let (code, message, help) = words(raw);
        Self {
            code,
            message,
            help,
            place,
        }
    }
}

/// Where a quoted value starts that does not end: of more use than where the text ends.
fn opening_quote(raw: &str) -> Option<(usize, usize)> {
    let (_, place) = raw.split_once(phrases::QUOTED)?;
    let (line, column) = place.split_once(" column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// The complaint without ` at line 3 column 5` and what follows it.
fn without_place(raw: &str) -> &str {
    let end = raw.rfind(phrases::PLACE).unwrap_or(raw.len());
    let raw = &raw[..end];
    // libyaml adds the context after a comma, with a place of its own.
    let end = raw.find(phrases::PLACE).unwrap_or(raw.len());
    let raw = &raw[..end];
    let end = raw.find(phrases::POSITION).unwrap_or(raw.len());
    let raw = &raw[..end];
    raw.find(phrases::CONTEXT).map_or(raw, |end| &raw[..end])
}

fn words(raw: &str) -> (Code, String, String) {
    // The YAML parser puts the path first; it is shown apart.
    let data = phrases::DATA
        .iter()
        .filter_map(|&(phrase, code)| Some((raw.find(phrase)?, code)))
        .min_by_key(|(at, _)| *at);
    if let Some((at, code)) = data {
        let message = data_words(&raw[at..]);
        let help = match code {
            Code::WrongType if is_number_in_quotes(&message) => {
                "write the number without quotes or a tag"
            }
            Code::WrongType if is_text_without_quotes(&message) => TEXT_HELP,
            Code::WrongType => TYPE_HELP,
            Code::MissingField => "add the field",
            Code::UnknownField => "correct the spelling, or remove the field",
            Code::UnknownValue => "use one of the values named",
            _ => "keep one of them",
        };
        return (code, message, help.to_owned());
    }
    let (message, help) = syntax_words(raw);
    (Code::Syntax, message, help.to_owned())
}

/// What helps with a value of the wrong type in an object of Kubernetes.
const TYPE_HELP: &str = "correct the value; `kubectl explain` tells the type of each field";

impl Fault {
    /// The same of an object of a kind: not all are known to kubectl.
    pub(super) fn of(mut self, kind: ObjectKind) -> Self {
        let help = match kind {
            ObjectKind::NodeFacts => {
                "correct the value; `portolan facts --schema` tells the type of each field"
            }
            ObjectKind::LintConfig => {
                "correct the value; `portolan lint --schema` tells the type of each field"
            }
            ObjectKind::KubeProxyConfiguration => {
                "correct the value; Kubernetes' reference, kube-proxy Configuration (v1alpha1), tells the type of each field"
            }
            _ => return self,
        };
        if self.help == TYPE_HELP {
            help.clone_into(&mut self.help);
        }
        self
    }
}

fn is_number_in_quotes(message: &str) -> bool {
    let text = message.strip_prefix("expected a whole number, found text \"");
    text.and_then(|text| text.strip_suffix('"'))
        .is_some_and(|text| text.parse::<i64>().is_ok())
}

/// What helps where text is expected, and a scalar without quotes is something else.
pub(super) const TEXT_HELP: &str =
    "put it in quotes: kubectl and the API server refuse it otherwise";

fn is_text_without_quotes(message: &str) -> bool {
    ["number ", "boolean "].iter().any(|found| {
        let rest = message.strip_prefix("expected text, found ");
        rest.is_some_and(|rest| rest.starts_with(found))
    })
}

/// serde's phrases, turned around: what was expected, then what was found.
fn data_words(raw: &str) -> String {
    let Some((phrase, rest)) = raw.split_once(": ") else {
        return raw.to_owned();
    };
    let Some((found, expected)) = rest.rsplit_once(phrases::EXPECTED) else {
        return raw.to_owned();
    };
    let found = found_words(found);
    match phrase {
        "invalid type" | "invalid value" => {
            format!("expected {}, found {found}", expected_words(expected))
        }
        _ => raw.to_owned(),
    }
}

fn expected_words(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" | "isize" => {
            "a whole number"
        }
        "f32" | "f64" => "a number",
        "a string" | "string" => "text",
        "a map" | "map" => "a mapping",
        "a sequence" | "sequence" => "a list",
        _ => match expected.strip_prefix("struct ") {
            Some(_) => "a mapping",
            // k8s-openapi names its types.
            None if expected.starts_with(|c: char| c.is_ascii_uppercase()) => "a mapping",
            None => expected,
        },
    }
}

fn found_words(found: &str) -> String {
    match found {
        "map" => "a mapping".to_owned(),
        "sequence" => "a list".to_owned(),
        "unit value" | "null" | "Option value" => "nothing".to_owned(),
        "enum" => "a value with a tag of its own".to_owned(),
        _ => {
            let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
            match kind {
                "string" => format!("text {value}"),
                "integer" => format!("number {value}"),
                "floating" => format!("number {}", value.trim_start_matches("point ")),
                "boolean" => format!("boolean {value}"),
                _ => found.to_owned(),
            }
        }
    }
}

/// What people are told of a mistake in how a text is written.
fn syntax_words(raw: &str) -> (String, &'static str) {
    match phrases::SYNTAX.iter().find(|one| one.said == raw) {
        Some(Phrase { message, help, .. }) => ((*message).to_owned(), help),
        None => (raw.to_owned(), phrases::OTHER_HELP),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::source::Format;

    #[test]
    fn speaks_to_people() {
        let cases = [
            (
                "spec.ports[1].port: invalid type: string \"http\", expected i32 at line 8 column 11",
                Code::WrongType,
                "expected a whole number, found text \"http\"",
            ),
            (
                "invalid type: map, expected a sequence at line 1 column 2",
                Code::WrongType,
                "expected a list, found a mapping",
            ),
            (
                "metadata: missing field `name`",
                Code::MissingField,
                "missing field `name`",
            ),
            (
                "did not find expected key at line 5 column 3, while parsing a block mapping at line 2 column 1",
                Code::Syntax,
                "expected a key here",
            ),
            (
                "mapping values are not allowed in this context at line 2 column 4",
                Code::Syntax,
                "a `:` stands where no value can start",
            ),
        ];
        for (raw, code, message) in cases {
            let fault = Fault::new(raw, None, &Watch::new(0, Format::Yaml, 0));
            assert_eq!(
                (fault.code, fault.message.as_str()),
                (code, message),
                "{raw}"
            );
        }
    }

    /// What each parser's complaint about a text that is not of a type becomes. To YAML every scalar is
    /// text as well.
    fn said<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> BTreeSet<String> {
        let json = serde_json::from_str::<T>(text).map_err(|error| error.to_string());
        let yaml = serde_yaml::from_str::<T>(text).map_err(|error| error.to_string());
        let raw = [json, yaml].into_iter().filter_map(Result::err);
        raw.map(|raw| words(without_place(&raw)).1).collect()
    }

    #[test]
    fn types_have_their_words() {
        #[derive(Debug, Deserialize)]
        struct Empty {}

        let cases = [
            (said::<i32>("[]"), "expected a whole number, found a list"),
            (
                said::<u16>("true"),
                "expected a whole number, found boolean `true`",
            ),
            (said::<f64>("{}"), "expected a number, found a mapping"),
            (said::<String>("1"), "expected text, found number `1`"),
            (said::<String>("1.5"), "expected text, found number `1.5`"),
            (said::<String>("null"), "expected text, found nothing"),
            (said::<Vec<u8>>("{}"), "expected a list, found a mapping"),
            (
                said::<BTreeMap<String, u8>>("\"a\""),
                "expected a mapping, found text \"a\"",
            ),
            (said::<Empty>("1"), "expected a mapping, found number `1`"),
            (
                said::<k8s_openapi::api::core::v1::Node>("1"),
                "expected a mapping, found number `1`",
            ),
        ];
        for (said, words) in cases {
            assert_eq!(said, BTreeSet::from([words.to_owned()]));
        }
    }
}
