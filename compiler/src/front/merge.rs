//! YAML merge keys, expanded as kubectl expands them: keys of the mapping itself win, then those
//! of the mappings merged, the earlier first.

use serde_json::{Map, Value};

/// Expands every `<<` within a value.
///
/// # Errors
///
/// A `<<` whose value is neither a mapping nor a list of mappings.
pub(super) fn expand(value: &mut Value) -> Result<(), Misplaced> {
    match value {
        Value::Array(elements) => elements.iter_mut().try_for_each(expand),
        Value::Object(entries) => {
            entries.values_mut().try_for_each(expand)?;
            match entries.remove("<<") {
                None => Ok(()),
                Some(Value::Object(merged)) => {
                    add(entries, merged);
                    Ok(())
                }
                Some(Value::Array(list)) => list.into_iter().try_for_each(|merged| match merged {
                    Value::Object(merged) => {
                        add(entries, merged);
                        Ok(())
                    }
                    _ => Err(Misplaced),
                }),
                Some(_) => Err(Misplaced),
            }
        }
        _ => Ok(()),
    }
}

fn add(entries: &mut Map<String, Value>, merged: Map<String, Value>) {
    for (key, value) in merged {
        entries.entry(key).or_insert(value);
    }
}

/// A `<<` with something that cannot be merged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misplaced;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn own_keys_win_then_earlier_mappings() {
        let mut value = json!({"a": {"<<": [{"x": 1, "y": 1}, {"y": 2, "z": 2}], "x": 0}});
        assert_eq!(expand(&mut value), Ok(()));
        assert_eq!(value, json!({"a": {"x": 0, "y": 1, "z": 2}}));
        assert_eq!(expand(&mut json!({"<<": 1})), Err(Misplaced));
    }
}
