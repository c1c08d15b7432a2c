//! Settings that cannot be used.

use std::io;
use std::path::PathBuf;

use crate::input::SETTINGS_FILE;
use crate::report::{Exit, Explain, UsageError};

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// What it says makes no sense.
    #[error("{file}:{line}:{column}: {message}")]
    Content {
        /// What it is called.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        message: String,
        help: String,
    },
    /// A variable says nothing that can be meant.
    #[error("the variable {name} {said}")]
    Variable { name: String, said: String },
    /// A value that its option does not take.
    #[error("{origin}: {said}")]
    Value {
        /// Who says it.
        origin: String,
        /// What the option says of it.
        said: String,
        help: String,
    },
    /// The file has no cluster of the name.
    #[error("{file} has no cluster {name:?}")]
    NoCluster {
        file: String,
        /// What was asked for.
        name: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// Part of what is read would be compiled over the rules of all of it.
    #[error("-f names other manifests than those whose rules {out} keeps")]
    Part {
        /// The folder of rules, as the file names it.
        out: String,
    },
    /// Nothing says where compiled rules go.
    #[error("{file} does not say where compiled rules are kept: it has no out{}", cluster.as_ref().map_or_else(String::new, |name| format!(" for {name}")))]
    NoOut {
        /// The file.
        file: String,
        /// The cluster that is compiled.
        cluster: Option<String>,
    },
    /// A cluster is asked for, and there is no file.
    #[error("a cluster is named, {name:?}, and there is no {}", SETTINGS_FILE)]
    NoFile {
        /// What was asked for.
        name: String,
    },
    /// Several clusters, and none is named.
    #[error("{file} has several clusters, and none is named")]
    WhichCluster {
        file: String,
        /// Those that it has.
        known: Vec<String>,
        /// Why one has to be named.
        why: &'static str,
    },
}

impl SettingsError {
    pub(super) fn variable(name: &str, said: impl Into<String>) -> Self {
        Self::Variable {
            name: name.to_owned(),
            said: said.into(),
        }
    }
}

impl Explain for SettingsError {
    fn exit(&self) -> Exit {
        match self {
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Exit::NoInput,
                io::ErrorKind::InvalidData => Exit::Data,
                _ => Exit::Io,
            },
            Self::Content { .. } => Exit::Data,
            Self::Variable { .. }
            | Self::Value { .. }
            | Self::NoCluster { .. }
            | Self::Part { .. }
            | Self::NoOut { .. }
            | Self::NoFile { .. }
            | Self::WhichCluster { .. } => Exit::Usage,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Read { .. } => return None,
            Self::Content { help, .. } | Self::Value { help, .. } => help.clone(),
            Self::Variable { .. } => {
                "correct it, or unset it; `portolan config` shows what holds".to_owned()
            }
            Self::NoCluster { known, .. } if known.is_empty() => {
                "it has no clusters at all: leave the name out".to_owned()
            }
            Self::NoCluster { known, .. } => format!("it has: {}", known.join(", ")),
            Self::Part { .. } => {
                "leave -f out to compile all of them, or say where these go: --out DIR or --stdout"
                    .to_owned()
            }
            Self::NoOut { .. } => {
                "add it, such as `out: rules`, or say where these go: --out DIR or --stdout"
                    .to_owned()
            }
            Self::NoFile { .. } => format!(
                "write {SETTINGS_FILE} at the top of the repository, name it with --config, or leave the cluster out"
            ),
            Self::WhichCluster { known, why, .. } => {
                format!("{why}: pass --cluster; it has: {}", known.join(", "))
            }
        })
    }
}

/// What the parser says of a command line that settings completed.
pub(crate) fn refused(error: &clap::Error) -> UsageError {
    let said = error.to_string();
    let said = said
        .trim_start_matches("error: ")
        .lines()
        .next()
        .unwrap_or_default();
    UsageError::new(
        said,
        "`portolan config` shows what completes the command line",
    )
}
