//! What an object is before a step and after it, in the words of the tools that list it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Step;

/// Both ends of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// What the object is before it, as plan files say it; null where it is not there.
    pub before: Value,
    /// What it is afterwards.
    pub after: Value,
    kind: String,
}

impl Step {
    /// What its object is before it and afterwards.
    pub fn values(&self) -> Values {
        let mut fields = self.subject.encode();
        let mut field = |name| fields.remove(name).unwrap_or(Value::Null);
        Values {
            before: field("before"),
            after: field("after"),
            kind: field("kind").as_str().unwrap_or_default().to_owned(),
        }
    }
}

impl Values {
    /// The lines of the one end and of the other that only that one has. None of an object that is there
    /// or is not, and nothing else.
    pub fn lines(&self) -> (Vec<String>, Vec<String>) {
        let (before, after) = (self.lines_of(&self.before), self.lines_of(&self.after));
        let only = |one: &[String], other: &[String]| -> Vec<String> {
            let other: BTreeSet<&String> = other.iter().collect();
            let lines = one.iter().filter(|line| !other.contains(line));
            lines.cloned().collect()
        };
        let (gone, come) = (only(&before, &after), only(&after, &before));
        // The order alone differs.
        if gone.is_empty() && come.is_empty() && before != after {
            return (before, after);
        }
        (gone, come)
    }

    fn lines_of(&self, value: &Value) -> Vec<String> {
        match value {
            Value::Null | Value::Bool(_) => Vec::new(),
            Value::Number(number) if self.kind == "destination" => vec![format!("weight {number}")],
            Value::Number(number) => vec![number.to_string()],
            Value::String(text) => vec![text.trim().to_owned()],
            Value::Array(lines) => lines.iter().flat_map(|one| self.lines_of(one)).collect(),
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| match value {
                    Value::String(text) => vec![format!("{name} {text}")],
                    Value::Number(number) => vec![format!("{name} {number}")],
                    value => self.lines_of(value),
                };
                fields.iter().flat_map(field).collect()
            }
        }
    }
}
