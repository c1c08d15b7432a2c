//! Settings from variables of the environment: whoever sets them is whoever runs the command.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::catalogue::{Form, SETTINGS};
use super::error::SettingsError;
use super::held::{Held, Origin};

/// Names the file.
pub(crate) const CONFIG: &str = "PORTOLAN_CONFIG";
/// Names the cluster.
pub(crate) const CLUSTER: &str = "PORTOLAN_CLUSTER";
/// Other variables of ours, which are no settings.
const OTHERS: [&str; 3] = [CONFIG, CLUSTER, "PORTOLAN_LOG"];

/// The variables that are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        Self::new(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))),
        )
    }

    /// These, as far as they are ours and say something.
    pub(crate) fn new(variables: impl IntoIterator<Item = (String, OsString)>) -> Self {
        let ours = variables.into_iter();
        Self(
            ours.filter(|(name, value)| name.starts_with("PORTOLAN_") && !value.is_empty())
                .collect(),
        )
    }

    /// The value of a variable, if it is set.
    pub(crate) fn get(&self, name: &str) -> Option<&OsString> {
        self.0.get(name)
    }

    /// Whether one of them stands for an option.
    pub(crate) fn has(&self, option: &str) -> bool {
        !self.values(option).is_empty()
    }

    /// The values of the one that stands for an option; none where it makes no sense.
    pub(crate) fn values(&self, option: &str) -> Vec<String> {
        let held = self.held().unwrap_or_default();
        let mut held = held.into_iter();
        let one = held.find(|one| one.setting.option == option);
        one.map(|one| one.values).unwrap_or_default()
    }

    /// What they say.
    ///
    /// # Errors
    /// With those that say nothing that can be meant.
    pub(crate) fn held(&self) -> Result<Vec<Held>, SettingsError> {
        let mut held = Vec::new();
        for setting in &SETTINGS {
            let Some(variable) = setting.variable() else {
                continue;
            };
            let Some(value) = self.0.get(&variable) else {
                continue;
            };
            let Some(text) = value.to_str() else {
                return Err(SettingsError::variable(&variable, "is no text"));
            };
            let values = match (setting.form, setting.form.separator()) {
                (Form::Switch, _) => match text.to_ascii_lowercase().as_str() {
                    "1" | "true" | "yes" | "on" => vec!["true".to_owned()],
                    "0" | "false" | "no" | "off" => vec!["false".to_owned()],
                    _ => {
                        let said = format!("says {text:?}, which is neither yes nor no");
                        return Err(SettingsError::variable(&variable, said));
                    }
                },
                (_, Some(separator)) => {
                    let parts = text.split(separator).filter(|part| !part.is_empty());
                    parts.map(str::to_owned).collect()
                }
                (_, None) => vec![text.to_owned()],
            };
            held.push(Held {
                setting,
                values,
                origin: Origin::Variable(variable),
            });
        }
        Ok(held)
    }

    /// Variables that look as if they were ours and are not read; those of a Service that is called like
    /// this program are the kubelet's.
    pub(crate) fn unread(&self) -> Vec<&str> {
        let is_read = |name: &str| {
            OTHERS.contains(&name)
                || SETTINGS
                    .iter()
                    .any(|setting| setting.variable().as_deref() == Some(name))
        };
        let is_kubelets = |name: &str| name.contains("_PORT") || name.contains("_SERVICE_");
        let names = self.0.keys().map(String::as_str);
        names
            .filter(|name| !is_read(name) && !is_kubelets(name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(name: &str, value: &str) -> Result<Vec<Vec<String>>, SettingsError> {
        let held = Environment::new([(name.to_owned(), value.into())]).held()?;
        Ok(held.into_iter().map(|one| one.values).collect())
    }

    #[test]
    fn variables_are_taken_apart_as_users_know_them() {
        for (name, value, values) in [
            ("PORTOLAN_FILENAME", "a:b/c", &["a", "b/c"][..]),
            ("PORTOLAN_BASE", "base.yaml", &["base.yaml"]),
            ("PORTOLAN_DISABLE", "PTL001,PTL002", &["PTL001", "PTL002"]),
            ("PORTOLAN_MODE", "nftables", &["nftables"]),
            ("PORTOLAN_RECURSIVE", "yes", &["true"]),
            ("PORTOLAN_KEEP_BASE", "0", &["false"]),
        ] {
            assert_eq!(held(name, value).unwrap(), [values], "{name}={value}");
        }
        assert!(held("PORTOLAN_RECURSIVE", "maybe").is_err());
        for (name, value) in [
            ("PORTOLAN_MODE", ""),
            ("PORTOLAN_YES", "1"),
            ("MODE", "ipvs"),
        ] {
            assert_eq!(
                held(name, value).unwrap(),
                Vec::<Vec<String>>::new(),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_not_read_is_known() {
        let names = [
            "PORTOLAN_YES",
            "PORTOLAN_LOG",
            "PORTOLAN_MODE",
            "PORTOLAN_CONFIG",
            "PORTOLAN_PORT_80_TCP",
            "PORTOLAN_SERVICE_HOST",
        ];
        let environment = Environment::new(names.map(|name| (name.to_owned(), "1".into())));
        assert_eq!(environment.unread(), ["PORTOLAN_YES"]);
    }
}
