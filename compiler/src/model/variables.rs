//! What Kubernetes fills in for `$(NAME)` in the command line of a container.
//!
//! Source: `third_party/forked/golang/expansion` and `EnvVar` of the API: `$$` stands for `$`, and what
//! is not known is left as it stands.

use std::collections::BTreeMap;

use crate::front::ContainerManifest;

/// The variables of a container whose values its manifest says.
#[derive(Debug, Default)]
pub(super) struct Variables<'m>(BTreeMap<&'m str, String>);

impl<'m> Variables<'m> {
    pub(super) fn of(container: &'m ContainerManifest) -> Self {
        let mut variables = Self::default();
        for variable in container.env.iter().flatten() {
            let Some(name) = variable.name.as_deref() else {
                continue;
            };
            match variable.value.as_ref().and_then(serde_json::Value::as_str) {
                Some(value) => {
                    // A value may use the variables before it.
                    let value = variables.expand(value);
                    variables.0.insert(name, value);
                }
                None if variable.value_from.is_some() => {
                    variables.0.remove(name);
                }
                None => {
                    variables.0.insert(name, String::new());
                }
            }
        }
        variables
    }

    /// A text with the known variables filled in.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            expanded.push_str(before);
            rest = after;
            if let Some(after) = rest.strip_prefix('$') {
                expanded.push('$');
                rest = after;
                continue;
            }
            let reference = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
            match reference.and_then(|(name, after)| Some((self.0.get(name)?, after))) {
                Some((value, after)) => {
                    expanded.push_str(value);
                    rest = after;
                }
                None => expanded.push('$'),
            }
        }
        expanded + rest
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
}
