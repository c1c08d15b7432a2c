//! Which fields of an object are kept.

use serde_json::{Map, Value};

/// What of a value is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// The value, with all below it.
    All,
    /// These fields of it.
    Fields(&'static [(&'static str, Keep)]),
    /// The same of each element of a list.
    Each(&'static Keep),
}

impl Keep {
    /// What is kept of a value; nothing where it is empty.
    pub(super) fn of(self, value: Value) -> Option<Value> {
        let kept = match (self, value) {
            (Self::All, value) => value,
            (Self::Fields(fields), Value::Object(mut all)) => {
                let kept = fields.iter().filter_map(|(name, keep)| {
                    let value = keep.of(all.remove(*name)?)?;
                    Some(((*name).to_owned(), value))
                });
                Value::Object(kept.collect())
            }
            (Self::Each(keep), Value::Array(all)) => {
                all.into_iter().filter_map(|one| keep.of(one)).collect()
            }
            (Self::Fields(_) | Self::Each(_), _) => return None,
        };
        (!is_empty(&kept)).then_some(kept)
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The entries of a map of texts whose keys are wanted.
pub(super) fn entries<'m>(
    all: impl IntoIterator<Item = (&'m String, &'m String)>,
    wanted: impl Fn(&str) -> bool,
) -> Map<String, Value> {
    let all = all.into_iter().filter(|(key, _)| wanted(key));
    all.map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}

/// Namespace and name, and the labels and annotations that are kept.
pub(super) fn metadata(
    namespace: Option<&str>,
    name: Option<&str>,
    further: [(&str, Map<String, Value>); 2],
) -> Value {
    let mut metadata = Map::new();
    let named = [("namespace", namespace), ("name", name)];
    for (key, text) in named {
        if let Some(text) = text {
            metadata.insert(key.to_owned(), text.into());
        }
    }
    for (key, map) in further {
        if !map.is_empty() {
            metadata.insert(key.to_owned(), map.into());
        }
    }
    Value::Object(metadata)
}

/// A value as a tree, of which some is kept.
pub(super) fn kept(value: &impl serde::Serialize, keep: Keep) -> Option<Value> {
    keep.of(without_nulls(serde_json::to_value(value).ok()?))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(key, value)| (key, without_nulls(value)));
            Value::Object(fields.collect())
        }
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        value => value,
    }
}
