//! Inputs that cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::{Exit, Explain};

/// Why an input cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It is on the network.
    #[error("{0} is on the network, and portolan never uses it")]
    Url(String),
    /// `-` is given twice.
    #[error("standard input (-) is named twice, and it can be read only once")]
    StdinTwice,
    /// Standard input fails.
    #[error("cannot read standard input")]
    Stdin(#[source] io::Error),
    /// A file or folder is missing, or cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder holds nothing to read.
    #[error("{} holds no file that ends in .yaml, .yml or .json", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
        /// Whether folders in it could hold some.
        folders: Folders,
    },
}

/// Whether a folder that holds no manifests has folders that were not looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folders {
    /// It has.
    Skipped,
    /// It has not.
    None,
}

impl InputError {
    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }
}

impl Explain for InputError {
    fn exit(&self) -> Exit {
        match self {
            Self::Url(_) | Self::StdinTwice => Exit::Usage,
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Exit::NoInput,
                _ => Exit::Io,
            },
            Self::Empty { .. } => Exit::NoInput,
            Self::Stdin(_) => Exit::Io,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Url(url) => Some(format!(
                "fetch it yourself and pipe it in: curl -fsSL '{url}' | portolan ... -f -"
            )),
            Self::StdinTwice => Some("write one of the two to a file first".to_owned()),
            Self::Empty {
                folders: Folders::Skipped,
                ..
            } => Some("add -R to read the folders in it too".to_owned()),
            Self::Read { .. } | Self::Stdin(_) | Self::Empty { .. } => None,
        }
    }
}
