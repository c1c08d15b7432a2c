//! What a node held: a capture, and beside it the inventory of what an earlier apply made.

use std::io;
use std::path::{Path, PathBuf};

use portolan_compiler::back::ipvs::Connections;
use portolan_compiler::back::lines::LineError;
use portolan_compiler::observed::CaptureError;
use portolan_compiler::plan::{Inventory, InventoryError};

use super::{FolderError, Holds, read_capture};
use crate::cli::{Exit, Explain};
use crate::input::Links;
use crate::input::read::{FILE_BYTES, Root};

/// Why a capture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaptureReadError {
    /// The capture cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
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
            Self::Folder(error) => error.exit(),
            Self::Inventory { .. } => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Folder(FolderError::Capture {
                source: CaptureError::Missing(_),
                ..
            }) => Some("portolan plan --help lists the files of a capture".to_owned()),
            _ => None,
        }
    }
}

/// Reads a capture; without an inventory nothing counts as made by an earlier apply.
///
/// # Errors
/// What is missing, or is not what its tool prints.
pub fn read(folder: &Path) -> Result<Holds, CaptureReadError> {
    let observed = read_capture(folder)?;
    let path = folder.join(Inventory::FILE_NAME);
    let root = Root::open(folder, Links::Within);
    let bytes = root.and_then(|root| root.read(Path::new(Inventory::FILE_NAME), FILE_BYTES));
    let inventory = match bytes {
        Ok(bytes) => String::from_utf8_lossy(&bytes)
            .parse()
            .map_err(|problem| CaptureReadError::Inventory { path, problem })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Inventory::default(),
        Err(source) => return Err(FolderError::Read { path, source }.into()),
    };
    Ok(Holds {
        observed,
        inventory,
        connections: Connections::new(),
        machine: None,
    })
}
