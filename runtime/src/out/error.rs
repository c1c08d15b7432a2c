//! Artefacts that cannot be written or compared.

use std::io;
use std::path::{Path, PathBuf};

use portolan_compiler::model::name::NodeName;

use crate::report::{Exit, Explain};

/// Why artefacts cannot be written or compared.
#[derive(Debug, thiserror::Error)]
pub enum OutError {
    /// The file system refuses.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A folder is a link, and could lead anywhere.
    #[error("{} is a link; portolan writes into folders only", path.display())]
    Link {
        /// The path that is a link.
        path: PathBuf,
    },
    /// A node that an older portolan compiled, and whose files cannot be read.
    #[error(
        "the folder's MANIFEST is of an older format, and the files of {node} are not what it says"
    )]
    OlderFormat {
        /// The node whose files they are.
        node: NodeName,
    },
    /// Something else stands where a folder should be.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// What stands there.
        path: PathBuf,
    },
}

impl OutError {
    /// For `map_err`: what was tried with which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

impl Explain for OutError {
    fn exit(&self) -> Exit {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Exit::NoPermission
            }
            _ => Exit::Io,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Io { .. } => None,
            Self::OlderFormat { .. } => {
                Some("compile the whole folder anew, with --all-nodes".to_owned())
            }
            Self::Link { .. } | Self::NotAFolder { .. } => {
                Some("remove it, or choose another folder with --out".to_owned())
            }
        }
    }
}
