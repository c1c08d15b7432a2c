//! The same objects in different spellings.

use serde_json::Value;

/// How objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// YAML documents, keys sorted.
    Yaml,
    /// YAML documents, keys the other way round, comments wherever they may stand.
    CommentedYaml,
    /// JSON, one after the other, as a `List`.
    JsonList,
    /// A `List` in YAML, as kubectl prints it.
    YamlList,
}

impl Spelling {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Yaml,
        Self::CommentedYaml,
        Self::JsonList,
        Self::YamlList,
    ];

    /// The text of a file with these objects.
    pub fn write(self, objects: &[Value]) -> String {
        match self {
            Self::Yaml => documents(objects, yaml),
            Self::CommentedYaml => documents(objects, |object| commented(&yaml(&reversed(object)))),
            Self::JsonList => list(objects).to_string(),
            Self::YamlList => yaml(&list(objects)),
        }
    }
}

fn documents(objects: &[Value], write: impl Fn(&Value) -> String) -> String {
    objects
        .iter()
        .flat_map(|object| ["---\n".to_owned(), write(object)])
        .collect()
}

fn list(objects: &[Value]) -> Value {
    serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects})
}

fn yaml<T: serde::Serialize>(value: &T) -> String {
    serde_yaml::to_string(value).unwrap()
}

/// The value with all keys in descending order.
fn reversed(value: &Value) -> serde_yaml::Value {
    match value {
        Value::Object(entries) => {
            let entries = entries.iter().rev();
            serde_yaml::Value::Mapping(
                entries
                    .map(|(key, value)| (key.as_str().into(), reversed(value)))
                    .collect(),
            )
        }
        Value::Array(list) => serde_yaml::Value::Sequence(list.iter().map(reversed).collect()),
        scalar => serde_yaml::to_value(scalar).unwrap(),
    }
}

fn commented(text: &str) -> String {
    // Within a block of text a comment would be part of it.
    if text.contains(": |") {
        return text.to_owned();
    }
    text.lines()
        .flat_map(|line| ["# about the next line\n", line, "   # and so on\n\n"])
        .collect()
}
