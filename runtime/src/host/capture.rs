//! What a node held, from a folder with the output of ordinary tools.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use portolan_compiler::back::lines::LineError;
use portolan_compiler::observed::{self, CaptureError, CaptureFile};
use portolan_compiler::plan::{Inventory, InventoryError};

use super::Holds;
use crate::cli::{Exit, Explain};

/// Why a capture cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaptureReadError {
    /// A file or the folder cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Its files make no sense.
    #[error("cannot use the capture in {}", folder.display())]
    Content {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        #[source]
        source: CaptureError,
    },
    /// The inventory makes no sense.
    #[error("cannot use {}", path.display())]
    Inventory {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        problem: LineError<InventoryError>,
    },
}

impl Explain for CaptureReadError {
    fn exit(&self) -> Exit {
        match self {
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound
                | io::ErrorKind::NotADirectory
                | io::ErrorKind::PermissionDenied => Exit::NoInput,
                io::ErrorKind::InvalidData => Exit::Data,
                _ => Exit::Io,
            },
            Self::Content { source, .. } => match source {
                CaptureError::Missing(_) => Exit::NoInput,
                CaptureError::Content { .. } => Exit::Data,
            },
            Self::Inventory { .. } => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Content {
                source: CaptureError::Missing(_),
                ..
            } => Some("portolan plan --help lists the files of a capture".to_owned()),
            _ => None,
        }
    }
}

/// Reads a capture.
///
/// # Errors
/// What is missing, or is not what its tool prints.
pub fn read(folder: &Path) -> Result<Holds, CaptureReadError> {
    let mut files = BTreeMap::new();
    fs::metadata(folder).map_err(|source| CaptureReadError::Read {
        path: folder.to_owned(),
        source,
    })?;
    for file in CaptureFile::ALL {
        files.extend(text(&folder.join(file.name()))?.map(|text| (file, text)));
    }
    let observed = observed::read(&files).map_err(|source| CaptureReadError::Content {
        folder: folder.to_owned(),
        source,
    })?;
    let path = folder.join(Inventory::FILE_NAME);
    let inventory = match text(&path)? {
        Some(text) => text
            .parse()
            .map_err(|problem| CaptureReadError::Inventory { path, problem })?,
        None => Inventory::default(),
    };
    Ok(Holds {
        observed,
        inventory,
    })
}

fn text(path: &Path) -> Result<Option<String>, CaptureReadError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CaptureReadError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}
