//! What a repository says of itself, so that nobody types it: `portolan.yaml` at its top, and variables
//! of the environment. The command line outranks both, the environment the file.
//!
//! A change can edit the file that it is judged by, and files of others are read where they stand. So
//! it can name nothing outside of its repository, and decide nothing about a node.

mod catalogue;
mod environment;
mod error;
mod file;
mod find;
mod held;
mod lint;
mod paths;
mod read;
mod text;
mod unknown;

use std::path::PathBuf;

pub(crate) use catalogue::{Form, InFile, Readers, SETTINGS, is_lint, variable_of};
pub(crate) use environment::{CLUSTER, CONFIG, Environment};
pub(crate) use error::{SettingsError, refused};
pub(crate) use file::schema;
pub(crate) use find::{around, find, named};
pub(crate) use held::{Held, Origin, merge};
pub(crate) use paths::{Outside, Top};
pub(crate) use read::Repository;

/// What a run knows of its repository and its environment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The variables that are set.
    pub(crate) environment: Environment,
    /// The file that somebody names.
    pub(crate) config: Option<PathBuf>,
    /// What the file says, where there is one.
    pub(crate) repository: Option<Repository>,
    /// The cluster that is looked at.
    pub(crate) cluster: Option<String>,
}

impl Settings {
    /// What holds for a cluster, or of all of them.
    ///
    /// # Errors
    /// Where a variable makes no sense, or there is no such cluster.
    pub(crate) fn held(&self, cluster: Option<&str>) -> Result<Vec<Held>, SettingsError> {
        let variables = self.environment.held()?;
        let file = match (&self.repository, cluster) {
            (Some(repository), cluster) => repository.held(cluster)?,
            (None, None) => Vec::new(),
            (None, Some(name)) => {
                return Err(SettingsError::NoFile {
                    name: name.to_owned(),
                });
            }
        };
        Ok(merge(variables, file))
    }

    /// What the file says to lint as a `LintConfig` does, as a text to read beside the inputs, and what
    /// it is called.
    ///
    /// # Errors
    /// Where there is no such cluster.
    pub(crate) fn lint_config(&self) -> Result<Option<(String, Vec<u8>)>, SettingsError> {
        let Some(repository) = &self.repository else {
            return Ok(None);
        };
        let config = repository.lint_config(self.cluster.as_deref())?;
        let text = config.and_then(|config| serde_yaml::to_string(config).ok());
        Ok(text.map(|text| {
            (
                format!("{} (lint.config)", repository.name),
                text.into_bytes(),
            )
        }))
    }
}
