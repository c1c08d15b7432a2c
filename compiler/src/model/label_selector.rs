//! What `kubectl get -l` takes: conditions on labels, all of which must hold.
//!
//! Source: `Parse` and `Requirement.Matches` of `apimachinery/pkg/labels/selector.go`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::api_names::{is_label_value, is_qualified};
use super::pod::Labels;

/// Conditions on labels, all of which must hold; without any, all labels will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSelector {
    /// As it was written.
    text: Box<str>,
    requirements: Vec<Requirement>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: Box<str>,
    wants: Wants,
}

/// What a label must be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wants {
    /// There, with one of these values.
    In(BTreeSet<Box<str>>),
    /// Not there, or with another value than these.
    NotIn(BTreeSet<Box<str>>),
    /// There.
    Exists,
    /// Not there.
    Absent,
    /// There, as a number above this.
    Above(i64),
    /// There, as a number below this.
    Below(i64),
}

/// Why text is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// A key that no label can have.
    #[error("{0:?} is no key of a label")]
    Key(String),
    /// A value that no label can have.
    #[error("{0:?} is no value of a label")]
    Value(String),
    /// `>` and `<` compare numbers.
    #[error("{0:?} is no whole number, which > and < compare with")]
    Number(String),
    /// `in ()` chooses nobody.
    #[error("the parentheses are empty")]
    NoValues,
    /// Something else is due.
    #[error("{found} stands where {due} is due")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What the grammar has there.
        due: &'static str,
    },
}

impl LabelSelector {
    /// Whether it chooses whatever the labels are.
    pub fn is_open(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether something with these labels is chosen.
    pub fn chooses(&self, labels: &Labels) -> bool {
        let mut all = self.requirements.iter();
        all.all(|one| one.wants.allow(labels.get(&*one.key).map(String::as_str)))
    }
}

impl Wants {
    fn allow(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match self {
            Self::In(values) => value.is_some_and(|value| values.contains(value)),
            Self::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Self::Exists => value.is_some(),
            Self::Absent => value.is_none(),
            Self::Above(least) => number().is_some_and(|number| number > *least),
            Self::Below(most) => number().is_some_and(|number| number < *most),
        }
    }
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for LabelSelector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let mut parser = Parser { rest: text };
        let mut requirements = Vec::new();
        if parser.peek() != Token::End {
            requirements.push(parser.requirement()?);
            loop {
                match parser.next() {
                    Token::End => break,
                    Token::Symbol(",") => requirements.push(parser.requirement()?),
                    other => return Err(other.instead_of("a comma or the end")),
                }
            }
        }
        Ok(Self {
            text: text.trim().into(),
            requirements,
        })
    }
}

/// A piece of a selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Symbol(&'t str),
    Word(&'t str),
    End,
}

impl Token<'_> {
    fn instead_of(self, due: &'static str) -> SelectorError {
        let found = match self {
            Self::Symbol(text) | Self::Word(text) => format!("{text:?}"),
            Self::End => "the end".to_owned(),
        };
        SelectorError::Unexpected { found, due }
    }
}

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];
/// Those of two characters first.
const SYMBOLS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];

struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn next(&mut self) -> Token<'t> {
        let rest = self.rest.trim_start_matches(SPACES);
        let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
        let ends = |c: char| SPACES.contains(&c) || "=!(),><".contains(c);
        let length = match symbol {
            Some(symbol) => symbol.len(),
            None => rest.find(ends).unwrap_or(rest.len()),
        };
        let (token, rest) = rest.split_at(length);
        self.rest = rest;
        match symbol {
            Some(_) => Token::Symbol(token),
            None if token.is_empty() => Token::End,
            None => Token::Word(token),
        }
    }

    fn peek(&self) -> Token<'t> {
        Parser { rest: self.rest }.next()
    }

    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let (absent, key) = match self.next() {
            Token::Symbol("!") => (true, self.next()),
            token => (false, token),
        };
        let Token::Word(key) = key else {
            return Err(key.instead_of("the key of a label"));
        };
        if !is_qualified(key) {
            return Err(SelectorError::Key(key.to_owned()));
        }
        let wants = if absent { Wants::Absent } else { self.wants()? };
        let key = key.into();
        Ok(Requirement { key, wants })
    }

    fn wants(&mut self) -> Result<Wants, SelectorError> {
        if matches!(self.peek(), Token::End | Token::Symbol(",")) {
            return Ok(Wants::Exists);
        }
        Ok(match self.next() {
            Token::Symbol("=" | "==") => Wants::In([self.value()?.into()].into()),
            Token::Symbol("!=") => Wants::NotIn([self.value()?.into()].into()),
            Token::Word("in") => Wants::In(self.values()?),
            Token::Word("notin") => Wants::NotIn(self.values()?),
            Token::Symbol(">") => Wants::Above(self.number()?),
            Token::Symbol("<") => Wants::Below(self.number()?),
            other => return Err(other.instead_of("=, ==, !=, in, notin, > or <")),
        })
    }

    /// A value, which may be empty.
    fn value(&mut self) -> Result<&'t str, SelectorError> {
        if matches!(self.peek(), Token::End | Token::Symbol("," | ")")) {
            return Ok("");
        }
        match self.next() {
            Token::Word(value) if is_label_value(value) => Ok(value),
            Token::Word(value) => Err(SelectorError::Value(value.to_owned())),
            other => Err(other.instead_of("a value")),
        }
    }

    fn number(&mut self) -> Result<i64, SelectorError> {
        let value = self.value()?;
        let number = value.parse();
        number.map_err(|_| SelectorError::Number(value.to_owned()))
    }

    /// Values in parentheses.
    fn values(&mut self) -> Result<BTreeSet<Box<str>>, SelectorError> {
        match self.next() {
            Token::Symbol("(") if self.peek() == Token::Symbol(")") => {
                return Err(SelectorError::NoValues);
            }
            Token::Symbol("(") => {}
            other => return Err(other.instead_of("( and values")),
        }
        let mut values = BTreeSet::new();
        loop {
            values.insert(self.value()?.into());
            match self.next() {
                Token::Symbol(",") => {}
                Token::Symbol(")") => return Ok(values),
                other => return Err(other.instead_of("a comma or )")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(key, value)| (key.into(), value.into()))
            .collect()
    }

    #[test]
    fn labels_are_chosen_as_kubectl_chooses_them() {
        for (selector, chosen, others) in [
            ("", &["", "a=b"][..], &[][..]),
            ("a=b", &["a=b", "a=b c=d"], &["", "a=c", "b=a"]),
            (" a == b ", &["a=b"], &["a=c"]),
            ("a!=b", &["", "a=c", "a="], &["a=b"]),
            ("a=", &["a="], &["", "a=b"]),
            ("a in (x, y)", &["a=x", "a=y"], &["", "a=z"]),
            ("a in(x)", &["a=x"], &["a=in"]),
            ("a in (,x)", &["a=", "a=x"], &["", "a=y"]),
            ("a notin (x,y)", &["", "a=z"], &["a=x", "a=y"]),
            ("a", &["a=", "a=b"], &["", "b=a"]),
            ("!a", &["", "b=a"], &["a="]),
            ("! a", &[""], &["a=b"]),
            ("in in (notin),notin", &["in=notin notin=1"], &["in=notin"]),
            ("a=in", &["a=in"], &["a=b"]),
            ("a>3,a<7", &["a=4", "a=6"], &["", "a=3", "a=7", "a=x"]),
            ("a=b,c!=d,!e", &["a=b", "a=b c=x"], &["a=b c=d", "a=b e="]),
            (
                "app.kubernetes.io/name=cart",
                &["app.kubernetes.io/name=cart"],
                &["name=cart"],
            ),
        ] {
            let parsed: LabelSelector = selector.parse().unwrap();
            for one in chosen {
                assert!(parsed.chooses(&labels(one)), "{selector:?} and {one:?}");
            }
            for one in others {
                assert!(!parsed.chooses(&labels(one)), "{selector:?} and {one:?}");
            }
        }
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for (text, said) in [
            (",", r#""," stands where the key of a label is due"#),
            ("a=b,", "the end stands where the key of a label is due"),
            ("a=b c", r#""c" stands where a comma or the end is due"#),
            ("!a=b", r#""=" stands where a comma or the end is due"#),
            ("a=b=c", r#""=" stands where a comma or the end is due"#),
            (
                "a ni (b)",
                r#""ni" stands where =, ==, !=, in, notin, > or < is due"#,
            ),
            ("a in b", r#""b" stands where ( and values is due"#),
            ("a in (b", "the end stands where a comma or ) is due"),
            ("a in (b c)", r#""c" stands where a comma or ) is due"#),
            ("a in ()", "the parentheses are empty"),
            (
                "a>b",
                r#""b" is no whole number, which > and < compare with"#,
            ),
            ("-a", r#""-a" is no key of a label"#),
            ("a/b/c=d", r#""a/b/c" is no key of a label"#),
            ("a=b/c", r#""b/c" is no value of a label"#),
            ("a==!b", r#""!" stands where a value is due"#),
        ] {
            let error = text.parse::<LabelSelector>().unwrap_err();
            assert_eq!(error.to_string(), said, "{text}");
        }
    }
}
