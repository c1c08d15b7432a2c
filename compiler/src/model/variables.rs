//! What Kubernetes fills in for `$(NAME)` in the command line of a container.
//!
//! Source: `third_party/forked/golang/expansion` and `EnvVar` of the API: `$$` stands for `$`, and what
//! is not known is left as it stands.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::front::ContainerManifest;

/// Bytes of one argument that Linux starts a program with (`MAX_ARG_STRLEN`).
const ARGUMENT_BYTES: usize = 128 << 10;
/// Bytes by which a command line may grow whatever its length, and how often it may grow by its length: far
/// more than names and addresses take, and no more than memory has for all containers of an input.
const ROOM: usize = 4 << 10;
const GROWTH: usize = 4;

/// Bytes that texts of so many bytes may grow to by what is filled in.
pub(super) fn room(bytes: usize) -> usize {
    ROOM + GROWTH * bytes
}

/// The variables of a container whose values its manifest says.
#[derive(Debug)]
pub(super) struct Variables<'m> {
    values: BTreeMap<&'m str, String>,
    /// Bytes by which texts may still grow.
    room: Cell<usize>,
}

impl<'m> Variables<'m> {
    pub(super) fn of(container: &'m ContainerManifest) -> Self {
        let text = |value: Option<&'m serde_json::Value>| value.and_then(serde_json::Value::as_str);
        let values = container.env.iter().flatten();
        let values = values.filter_map(|variable| text(variable.value.as_ref()));
        let words = container.command.iter().chain(&container.args).flatten();
        let bytes = words.map(String::len).chain(values.map(str::len)).sum();
        let mut variables = Self {
            values: BTreeMap::new(),
            room: Cell::new(room(bytes)),
        };
        for variable in container.env.iter().flatten() {
            let Some(name) = variable.name.as_deref() else {
                continue;
            };
            match variable.value.as_ref().and_then(serde_json::Value::as_str) {
                Some(value) => {
                    // A value may use the variables before it.
                    let value = variables.expand(value);
                    variables.values.insert(name, value);
                }
                None if variable.value_from.is_some() => {
                    variables.values.remove(name);
                }
                None => {
                    variables.values.insert(name, String::new());
                }
            }
        }
        // What variables took is not missing in the command line.
        variables.room.set(room(bytes));
        variables
    }

    /// A text with the known variables filled in. Where that is longer than a command line may be, as
    /// variables that hold others many times make it, the text is left as it stands.
    pub(super) fn expand(&self, text: &str) -> String {
        match self.filled_in(text) {
            Some(expanded) if expanded.len() <= self.room.get() => {
                // What holds no variable is no longer than it was.
                let more = expanded.len().saturating_sub(text.len());
                self.room.set(self.room.get() - more);
                expanded
            }
            _ => text.to_owned(),
        }
    }

    fn filled_in(&self, text: &str) -> Option<String> {
        let mut expanded = String::with_capacity(text.len());
        let mut at = 0;
        // The next parenthesis is looked for once, however many references it might end.
        let mut end = 0;
        while let Some(dollar) = text[at..].find('$') {
            expanded.push_str(&text[at..at + dollar]);
            at += dollar + 1;
            let rest = &text[at..];
            if rest.starts_with('$') {
                expanded.push('$');
                at += 1;
                continue;
            }
            if end < at {
                end = rest.find(')').map_or(text.len(), |found| at + found);
            }
            let name = rest.strip_prefix('(').and_then(|_| text.get(at + 1..end));
            match name
                .filter(|_| end < text.len())
                .and_then(|name| self.values.get(name))
            {
                Some(value) => {
                    expanded.push_str(value);
                    at = end + 1;
                }
                None => expanded.push('$'),
            }
            if expanded.len() > ARGUMENT_BYTES {
                return None;
            }
        }
        Some(expanded + &text[at..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_variables_are_filled_in() {
        let container: ContainerManifest = serde_yaml::from_str(
            "env:
- {name: MODE, value: nftables}
- {name: FLAG, value: '--proxy-mode=$(MODE)'}
- {name: EARLY, value: $(LATE)}
- {name: LATE, value: x}
- {name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
- {name: NOTHING}
",
        )
        .unwrap();
        let variables = Variables::of(&container);
        for (text, expected) in [
            ("--proxy-mode=$(MODE)", "--proxy-mode=nftables"),
            ("$(FLAG)", "--proxy-mode=nftables"),
            ("$(MODE)$(MODE)", "nftablesnftables"),
            ("$$(MODE)", "$(MODE)"),
            ("$$$(MODE)", "$nftables"),
            ("$(EARLY)", "$(LATE)"),
            ("$(HOST)", "$(HOST)"),
            ("$(NOTHING)", ""),
            ("$(OTHER) $(MODE", "$(OTHER) $(MODE"),
            ("${MODE} $MODE $", "${MODE} $MODE $"),
        ] {
            assert_eq!(variables.expand(text), expected, "{text}");
        }
    }

    #[test]
    fn variables_of_variables_end() {
        let first = "env:\n- {name: V0, value: 0123456789abcdef}\n".to_owned();
        let doubled = (1..64).map(|at| {
            let before = at - 1;
            format!("- {{name: V{at}, value: $(V{before})$(V{before})}}\n")
        });
        let env: String = std::iter::once(first).chain(doubled).collect();
        let container: ContainerManifest = serde_yaml::from_str(&env).unwrap();
        let variables = Variables::of(&container);
        assert_eq!(variables.expand("$(V2)").len(), 64);
        assert!(variables.expand("$(V63)").len() <= ARGUMENT_BYTES);
        let held: usize = variables.values.values().map(String::len).sum();
        assert!(held <= room(env.len()) + env.len(), "{held}");
    }
}
