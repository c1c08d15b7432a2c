//! From the file's text to what it says, checked, each with its line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use portolan_compiler::escape;
use portolan_compiler::front::LintConfig;
use portolan_compiler::lint::RuleId;
use portolan_compiler::source::{FieldPath, span_in};

use super::catalogue::{Form, SETTINGS, Setting};
use super::error::SettingsError;
use super::file::{Cluster, File};
use super::held::{Held, Origin};
use super::paths::Top;
use super::unknown;

/// What a repository says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    /// What the file is called.
    pub(crate) name: String,
    /// Where its paths start and end.
    pub(crate) top: Top,
    text: String,
    all: Cluster,
    clusters: BTreeMap<String, Cluster>,
}

impl Repository {
    /// # Errors
    /// With the first thing in it that makes no sense.
    pub(crate) fn read(top: Top, name: &str, text: &str) -> Result<Self, SettingsError> {
        let file = match serde_yaml::from_str::<Option<File>>(text) {
            Ok(file) => file.unwrap_or_default(),
            Err(error) => return Err(unknown::explain(name, text, &error)),
        };
        let (all, clusters) = file.split();
        let repository = Self {
            name: name.to_owned(),
            top,
            text: text.to_owned(),
            all,
            clusters,
        };
        repository.check()?;
        Ok(repository)
    }

    /// The clusters that it tells apart.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = &str> {
        self.clusters.keys().map(String::as_str)
    }

    /// What it says of a cluster, or of all of them.
    ///
    /// # Errors
    /// Where it has no such cluster.
    pub(crate) fn held(&self, cluster: Option<&str>) -> Result<Vec<Held>, SettingsError> {
        let own = match cluster {
            None => None,
            Some(name) => Some((name, self.cluster(name)?)),
        };
        let held = SETTINGS.iter().filter_map(|setting| {
            let of_own = own.and_then(|(name, own)| Some((own.get(setting.name)?, Some(name))));
            let (values, cluster) = of_own.or_else(|| Some((self.all.get(setting.name)?, None)))?;
            Some(Held {
                setting,
                values,
                origin: Origin::File {
                    file: self.name.clone(),
                    line: self.place(&path(setting, cluster)).0,
                    cluster: cluster.map(str::to_owned),
                },
            })
        });
        Ok(held.collect())
    }

    /// What it says to lint as a LintConfig does.
    ///
    /// # Errors
    /// Where it has no such cluster.
    pub(crate) fn lint_config(
        &self,
        cluster: Option<&str>,
    ) -> Result<Option<&LintConfig>, SettingsError> {
        let own = cluster.map(|name| self.cluster(name)).transpose()?;
        Ok(own
            .and_then(Cluster::lint_config)
            .or(self.all.lint_config()))
    }

    fn cluster(&self, name: &str) -> Result<&Cluster, SettingsError> {
        self.clusters
            .get(name)
            .ok_or_else(|| SettingsError::NoCluster {
                file: self.name.clone(),
                name: name.to_owned(),
                known: self.clusters().map(escape::visible).collect(),
            })
    }

    /// Line and column of a key or its value, from 1.
    fn place(&self, path: &FieldPath) -> (usize, usize) {
        unknown::line_column(&self.text, span_in(&self.text, path).start)
    }

    fn error(&self, path: &FieldPath, message: String, help: String) -> SettingsError {
        let (line, column) = self.place(path);
        SettingsError::Content {
            file: self.name.clone(),
            line,
            column,
            message,
            help,
        }
    }

    /// What types do not show.
    fn check(&self) -> Result<(), SettingsError> {
        for name in self.clusters() {
            // The parser takes the last of them.
            if let Some((line, column)) = unknown::twice(&self.text, name) {
                return Err(SettingsError::Content {
                    file: self.name.clone(),
                    line,
                    column,
                    message: format!("the key {:?} is there twice", escape::visible(name)),
                    help: "keep one of them".to_owned(),
                });
            }
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if name.is_empty() || name.starts_with('-') || !name.chars().all(is_name) {
                return Err(self.error(
                    &FieldPath::root().key("clusters").key(name.to_owned()),
                    format!("{name:?} is no name of a cluster"),
                    "names are letters, digits, dashes, underscores and dots".to_owned(),
                ));
            }
        }
        self.check_out()?;
        let each = self.clusters.iter();
        let each = each.map(|(name, keys)| (Some(name.as_str()), keys));
        for (cluster, keys) in [(None, &self.all)].into_iter().chain(each) {
            for setting in &SETTINGS {
                let values = keys.get(setting.name).unwrap_or_default();
                self.check_values(setting, cluster, &values)?;
            }
            let config = keys.lint_config();
            for rule in config.into_iter().flat_map(|config| config.rules.keys()) {
                if let Err(error) = rule.parse::<RuleId>() {
                    let path = in_cluster(cluster).key("lint").key("config").key("rules");
                    let help = "`portolan lint --list` prints them".to_owned();
                    return Err(self.error(&path.key(rule.clone()), error.to_string(), help));
                }
            }
        }
        Ok(())
    }

    /// Rules of two clusters in one folder would take each other's place.
    fn check_out(&self) -> Result<(), SettingsError> {
        let mut kept: BTreeMap<PathBuf, &str> = BTreeMap::new();
        for (name, cluster) in &self.clusters {
            let own = cluster.get("out");
            let key = own.is_some().then_some(name.as_str());
            let Some(out) = own.or_else(|| self.all.get("out")) else {
                continue;
            };
            let folder = out.first().and_then(|out| self.top.within(out).ok());
            let Some(folder) = folder else {
                continue;
            };
            if let Some(other) = kept.insert(folder.clone(), name) {
                return Err(self.error(
                    &in_cluster(key).key("out"),
                    format!(
                        "out: clusters {other} and {name} would keep their rules in one folder, {}",
                        escape::visible(&folder.to_string_lossy())
                    ),
                    format!(
                        "give each a folder of its own, such as rules/{other} and rules/{name}"
                    ),
                ));
            }
        }
        Ok(())
    }

    fn check_values(
        &self,
        setting: &Setting,
        cluster: Option<&str>,
        values: &[String],
    ) -> Result<(), SettingsError> {
        let is_many = matches!(setting.form, Form::Paths | Form::Patterns | Form::Words);
        for (at, value) in values.iter().enumerate() {
            let key = path(setting, cluster);
            // Of a single text the index leads nowhere, and the key is pointed at.
            let here = if is_many { key.clone().index(at) } else { key };
            if setting.form.is_path()
                && let Err(outside) = self.top.within(value)
            {
                return Err(self.error(
                    &here,
                    format!("{}: the path {value:?} {outside}", setting.name),
                    "name what the repository has, from the folder of this file; what lies elsewhere is \
                     named on the command line or in a variable"
                        .to_owned(),
                ));
            }
        }
        Ok(())
    }
}

fn in_cluster(cluster: Option<&str>) -> FieldPath {
    match cluster {
        None => FieldPath::root(),
        Some(name) => FieldPath::root().key("clusters").key(name.to_owned()),
    }
}

fn path(setting: &Setting, cluster: Option<&str>) -> FieldPath {
    let keys = setting.name.split('.');
    keys.fold(in_cluster(cluster), FieldPath::key)
}
