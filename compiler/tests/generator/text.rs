//! The same objects in different spellings.

use serde_json::Value;

/// How objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
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
    pub(crate) const ALL: [Self; 4] =
        [Self::Yaml, Self::CommentedYaml, Self::JsonList, Self::YamlList];

    /// The text of a file with these objects.
    pub(crate) fn write(self, objects: &[Value]) -> String {
        match self {
            Self::Yaml => objects.iter().map(|object| format!("---\n{}", yaml(object))).collect(),
            Self::CommentedYaml => {
                let documents = objects.iter().map(|object| commented(&yaml(&reversed(object))));
                documents.map(|text| format!("---\n{text}")).collect()
            }
            Self::JsonList => list(objects).to_string(),
            Self::YamlList => yaml(&list(objects)),
        }
    }
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
                entries.map(|(key, value)| (key.as_str().into(), reversed(value))).collect(),
            )
        }
        Value::Array(list) => serde_yaml::Value::Sequence(list.iter().map(reversed).collect()),
        scalar => serde_yaml::to_value(scalar).unwrap(),
    }
}

fn commented(text: &str) -> String {
    let literal = text.contains(": |");
    text.lines()
        .map(|line| match literal {
            // Within a block of text a comment would be part of it.
            true => format!("{line}\n"),
            false => format!("# about the next line\n{line}   # and so on\n\n"),
        })
        .collect()
}
