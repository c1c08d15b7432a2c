//! What parsers say of text that is wrong, word for word, and what is said to people instead.
//!
//! Parsers have no codes: their words are all that tells mistakes apart. Every phrase stands here with a
//! text that is wrong in its way, so that a parser that words it anew is noticed.

use crate::diag::Code;

/// A mistake in how a text is written, as a parser names it.
#[derive(Debug)]
pub(super) struct Phrase {
    /// The parser's words, without a place.
    pub(super) said: &'static str,
    /// A text that has the mistake.
    #[cfg_attr(not(test), expect(dead_code, reason = "the parser is asked about it"))]
    sample: Sample,
    /// What people are told.
    pub(super) message: &'static str,
    /// What people are told to do.
    pub(super) help: &'static str,
}

/// A text, for the parser that complains.
#[derive(Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "parsers are asked about them"))]
enum Sample {
    Yaml(&'static str),
    Json(&'static str),
}

use Sample::{Json, Yaml};

/// What is said of a phrase that is none of these: the parser's own words, and this.
pub(super) const OTHER_HELP: &str = "correct the text here or just before";

/// The mistakes that people make.
pub(super) const SYNTAX: [Phrase; 21] = [
    Phrase {
        said: "mapping values are not allowed in this context",
        sample: Yaml("a: b: c"),
        message: "a `:` stands where no value can start",
        help: "check the indentation, put the key on a line of its own, or quote text that the colon belongs to",
    },
    Phrase {
        said: "did not find expected key",
        sample: Yaml("a: 'b' 'c'"),
        message: "expected a key here",
        help: "look for wrong indentation or a missing quote on this line or the one before",
    },
    Phrase {
        said: "could not find expected ':'",
        sample: Yaml("a: 1\nb\nc: 2"),
        message: "a key without its `:`",
        help: "add the colon, or indent the text under its key",
    },
    Phrase {
        said: "did not find expected '-' indicator",
        sample: Yaml("a:\n  - b\n  c: d"),
        message: "expected the next item of a list, or its end",
        help: "check the indentation",
    },
    Phrase {
        said: "did not find expected ',' or '}'",
        sample: Yaml("{a: [b] c}"),
        message: "expected `,` or `}` in a mapping in braces",
        help: "close the mapping",
    },
    Phrase {
        said: "did not find expected ',' or ']'",
        sample: Yaml("[[a] b]"),
        message: "expected `,` or `]` in a list in brackets",
        help: "close the list",
    },
    Phrase {
        said: "found unexpected end of stream",
        sample: Yaml("a: \"b"),
        message: "a quoted value that does not end",
        help: "add the closing quote",
    },
    Phrase {
        said: "found unexpected document indicator",
        sample: Yaml("a: \"b\n---\n"),
        message: "a quoted value that does not end",
        help: "add the closing quote",
    },
    Phrase {
        said: "found character that cannot start any token",
        sample: Yaml("a: @b"),
        message: "a character that cannot start a value",
        help: "indent with spaces, not tabs; quote values that start with `@`, a backtick or `%`",
    },
    Phrase {
        said: "found a tab character that violates indentation",
        sample: Yaml("a: b\n\tc: d"),
        message: "a tab in the indentation",
        help: "indent with spaces",
    },
    Phrase {
        said: "found a tab character where an indentation space is expected",
        sample: Yaml("a: |\n\tb"),
        message: "a tab in the indentation",
        help: "indent with spaces",
    },
    Phrase {
        said: "control characters are not allowed",
        sample: Yaml("a: \u{1}"),
        message: "a control character",
        help: "remove it; in a quoted value it can be written as `\\x..`",
    },
    Phrase {
        said: "block sequence entries are not allowed in this context",
        sample: Yaml("a: - b"),
        message: "a list item where no list can start",
        help: "put the list on the line after its key",
    },
    Phrase {
        said: "unknown anchor",
        sample: Yaml("a: *b"),
        message: "an alias to an anchor that the document does not define before it",
        help: "define the anchor",
    },
    Phrase {
        said: "deserializing from YAML containing more than one document is not supported",
        sample: Yaml("a: 1\n---\nb: 2"),
        message: "a second document starts after a line break that is no newline",
        help: "use newlines only: no lone carriage return, U+0085, U+2028 or U+2029",
    },
    Phrase {
        said: "EOF while parsing a value",
        sample: Json("{\"a\":"),
        message: "the text ends too early",
        help: "complete it",
    },
    Phrase {
        said: "EOF while parsing an object",
        sample: Json("{\"a\": 1"),
        message: "the text ends too early",
        help: "complete it",
    },
    Phrase {
        said: "EOF while parsing a list",
        sample: Json("[1"),
        message: "the text ends too early",
        help: "complete it",
    },
    Phrase {
        said: "EOF while parsing a string",
        sample: Json("\"a"),
        message: "the text ends too early",
        help: "complete it",
    },
    Phrase {
        said: "trailing comma",
        sample: Json("[1,]"),
        message: "a comma before the closing bracket",
        help: "remove the comma",
    },
    Phrase {
        said: "trailing characters",
        sample: Json("{} x"),
        message: "text after the end of the object",
        help: "remove it",
    },
];

/// How serde's complaints about sound text start.
pub(super) const DATA: [(&str, Code); 7] = [
    ("invalid type: ", Code::WrongType),
    ("invalid value: ", Code::WrongType),
    ("invalid length ", Code::WrongType),
    ("missing field ", Code::MissingField),
    ("unknown field ", Code::UnknownField),
    ("unknown variant ", Code::UnknownValue),
    ("duplicate field ", Code::DuplicateKey),
];

/// Stands before what serde expected.
pub(super) const EXPECTED: &str = ", expected ";

/// Stands before the place of a complaint.
pub(super) const PLACE: &str = " at line ";

/// Stands before the byte of a character that no text may have.
pub(super) const POSITION: &str = " at position ";

/// Stands before what libyaml was about, with a place of its own.
pub(super) const CONTEXT: &str = ", while ";

/// What libyaml was about where a quote does not end.
pub(super) const QUOTED: &str = "while scanning a quoted scalar at line ";

/// Nested too deep.
pub(super) const DEEP: &str = "recursion limit exceeded";

/// Aliases repeat too much.
pub(super) const BOMB: &str = "repetition limit exceeded";

/// A plain scalar in brackets that ends in a colon.
pub(super) const COLON: &str = "found unexpected ':'";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde::de::DeserializeOwned;
    use serde_json::Value;

    use super::*;

    fn yaml<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        serde_yaml::from_str::<T>(text).unwrap_err().to_string()
    }

    fn json<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        serde_json::from_str::<T>(text).unwrap_err().to_string()
    }

    #[test]
    fn parsers_name_mistakes_so() {
        for phrase in &SYNTAX {
            let said = match phrase.sample {
                Yaml(text) => yaml::<Value>(text),
                Json(text) => json::<Value>(text),
            };
            let rest = said.strip_prefix(phrase.said);
            let is_place = |rest: &str| rest.starts_with(PLACE) || rest.starts_with(POSITION);
            let placed = rest.is_some_and(|rest| rest.is_empty() || is_place(rest));
            assert!(placed, "{phrase:?}: {said}");
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is not read")]
    struct Port {
        number: i32,
        kind: Option<Word>,
    }

    #[derive(Debug, Deserialize)]
    enum Word {
        Tcp,
    }

    #[test]
    fn serde_names_wrong_values_so() {
        let cases = [
            ("{\"number\": \"a\"}", DATA[0], "string \"a\", expected i32"),
            (
                "{\"number\": 3000000000}",
                DATA[1],
                "integer `3000000000`, expected i32",
            ),
            ("{}", DATA[3], "`number`"),
            ("{\"nubmer\": 1}", DATA[4], "`nubmer`, expected "),
            (
                "{\"number\": 1, \"kind\": \"Tpc\"}",
                DATA[5],
                "`Tpc`, expected `Tcp`",
            ),
            ("{\"number\": 1, \"number\": 2}", DATA[6], "`number`"),
        ];
        for (text, (phrase, _), rest) in cases {
            let said = [json::<Port>(text), yaml::<Port>(text)];
            let words = format!("{phrase}{rest}");
            // A length is counted by JSON's reader in words of its own.
            let said = said.iter().filter(|said| said.contains(&words)).count();
            assert!(
                said > 0,
                "{words}: {:?}",
                [json::<Port>(text), yaml::<Port>(text)]
            );
        }
        assert!(json::<Port>("{\"number\": \"a\"}").contains(EXPECTED));
        assert!(json::<Port>("{\"number\": \"a\"}").contains(PLACE));
    }

    #[test]
    fn limits_are_named_so() {
        let deep = "[".repeat(1_000);
        assert!(
            json::<Value>(&deep).contains(DEEP),
            "{}",
            json::<Value>(&deep)
        );
        let deep = format!("{deep}{}", "]".repeat(1_000));
        assert!(
            yaml::<Value>(&deep).contains(DEEP),
            "{}",
            yaml::<Value>(&deep)
        );
        let levels = (1..9).map(|level| {
            let all = vec![format!("*a{}", level - 1); 9].join(", ");
            format!("a{level}: &a{level} [{all}]\n")
        });
        let bomb = format!(
            "a0: &a0 [x, x, x, x, x, x, x, x, x]\n{}",
            levels.collect::<String>()
        );
        let said = yaml::<BTreeMap<String, Value>>(&bomb);
        assert!(said.contains(BOMB), "{said}");
    }

    #[test]
    fn libyaml_names_its_context_so() {
        let said = yaml::<Value>("a: \"b");
        assert!(
            said.contains(&format!("{CONTEXT}{}", &QUOTED["while ".len()..])),
            "{said}"
        );
        let said = yaml::<Value>("a: [b:, c]");
        assert!(said.contains(COLON), "{said}");
    }
}
