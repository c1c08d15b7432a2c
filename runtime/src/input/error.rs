//! Inputs that cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use super::Instead;
use super::read::{ALL_BYTES, ENTRIES, Refused, refusal};
use crate::report::{Exit, Explain};

/// What to do about too much text.
const SMALLER: &str = "portolan reads Services, EndpointSlices and Nodes: dump these kinds only";

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
        /// What the system answered.
        source: io::Error,
    },
    /// It is too large, or no file, or a link out of its folder.
    #[error("{} is refused", path.display())]
    Refused {
        /// The file or link that is refused.
        path: PathBuf,
        /// What the reader refused it for.
        source: io::Error,
    },
    /// A folder holds more than anybody keeps in one.
    #[error("{} holds more than {ENTRIES} files", path.display())]
    Crowded {
        /// The folder that was named, or one in it.
        path: PathBuf,
    },
    /// All inputs together are too large.
    #[error("the inputs are larger than {} MiB together", ALL_BYTES >> 20)]
    Large,
    /// A folder in one that is read holds manifests too, and is not read.
    #[error("{} has folders that hold manifests too, and are not read: {}", path.display(), folder.display())]
    Unread {
        /// The folder that was named.
        path: PathBuf,
        /// The first of those in it.
        folder: PathBuf,
    },
    /// A folder holds nothing to read.
    #[error(
        "{} holds no file that ends in .yaml, .yml or .json{}",
        path.display(), .instead.as_ref().map_or_else(String::new, |one| format!(", but {one}"))
    )]
    Empty {
        /// The folder that was named.
        path: PathBuf,
        /// Whether folders in it could hold some.
        folders: Folders,
        /// Whether some were left out.
        excluded: Excluded,
        /// What it holds in their place.
        instead: Option<Instead>,
    },
}

/// Whether a folder that holds no manifests has folders that were not looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folders {
    /// It has some, and they were not asked for.
    Skipped,
    /// It has none.
    None,
}

/// Whether something in a folder was left out as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excluded {
    /// What a pattern of `--exclude` names.
    Some,
    /// Nothing was: no pattern of `--exclude` met anything.
    None,
}

impl InputError {
    pub(super) fn read(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if refusal(&source).is_some() {
            Self::Refused { path, source }
        } else {
            Self::Read { path, source }
        }
    }

    /// Standard input fails, or does not end.
    pub(crate) fn stdin(source: io::Error) -> Self {
        if refusal(&source).is_some() {
            let path = PathBuf::from(super::STDIN);
            Self::Refused { path, source }
        } else {
            Self::Stdin(source)
        }
    }
}

/// What to do about folders in a folder that are not read.
pub(crate) fn unread_help(folder: &str) -> String {
    format!(
        "add -R (in portolan.yaml: recursive: true) to read them, or leave them out: --exclude {}",
        folder.split('/').next().unwrap_or(folder)
    )
}

impl Explain for InputError {
    fn exit(&self) -> Exit {
        match self {
            Self::Url(_) | Self::StdinTwice => Exit::Usage,
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Exit::NoInput,
                _ => Exit::Io,
            },
            Self::Empty { .. } | Self::Unread { .. } => Exit::NoInput,
            Self::Refused { .. } | Self::Crowded { .. } | Self::Large => Exit::Data,
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
                instead: Some(instead),
                ..
            } => Some(instead.help()),
            Self::Empty {
                folders: Folders::Skipped,
                ..
            } => Some("add -R to read the folders in it too".to_owned()),
            Self::Unread { folder, .. } => Some(unread_help(&folder.to_string_lossy())),
            Self::Refused { source, .. } => match refusal(source)? {
                Refused::Link => Some(
                    "pass --follow-links if links may lead out of the folders that are named"
                        .to_owned(),
                ),
                Refused::Loop => Some("remove it".to_owned()),
                Refused::NoFile => Some("take it out of the folder, or name it alone".to_owned()),
                Refused::Large(_) => Some(SMALLER.to_owned()),
            },
            Self::Crowded { .. } => Some("name the folders in it that hold manifests".to_owned()),
            Self::Large => Some(SMALLER.to_owned()),
            Self::Empty {
                excluded: Excluded::Some,
                ..
            } => Some("--exclude leaves everything out that it holds".to_owned()),
            Self::Read { .. } | Self::Stdin(_) | Self::Empty { .. } => None,
        }
    }
}
