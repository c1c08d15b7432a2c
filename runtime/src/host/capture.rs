//! What a node held: a capture, and beside it the inventory of what an earlier apply made.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::kernel::ipvs::Connections;
use portolan_compiler::kernel::lines::LineError;
use portolan_compiler::mode::services;
use portolan_compiler::mode::services::ServicesProblem;
use portolan_compiler::model::Mode;
use portolan_compiler::observed::{CaptureError, CaptureFile, of_node};
use portolan_compiler::plan::{Inventory, InventoryError};

use super::{Capture, FolderError, Holds, Remark, read_capture};
use crate::input::read::{FILE_BYTES, Root};
use crate::input::{Instead, Links};
use crate::report::{Exit, Explain};

/// Why a capture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaptureReadError {
    /// The capture cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The inventory makes no sense.
    #[error("cannot use {}", path.display())]
    Inventory {
        /// The inventory file of the capture.
        path: PathBuf,
        /// What is wrong.
        #[source]
        problem: LineError<InventoryError>,
    },
    /// What Services had makes no sense.
    #[error("cannot use {}", path.display())]
    Services {
        /// The file in which the Services were recorded.
        path: PathBuf,
        /// What is wrong.
        #[source]
        problem: LineError<ServicesProblem>,
    },
}

impl Explain for CaptureReadError {
    fn exit(&self) -> Exit {
        match self {
            Self::Folder(error) => error.exit(),
            Self::Inventory { .. } | Self::Services { .. } => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Folder(FolderError::Capture {
                path,
                source: CaptureError::Missing(missing),
            }) => Some(match Instead::of(path) {
                Some(instead) => with_emptiness(*missing, instead.help()),
                None => "portolan plan --help lists the files of a capture".to_owned(),
            }),
            Self::Folder(FolderError::Capture {
                source: CaptureError::NotInstalled { file, .. },
                ..
            }) => Some(with_emptiness(
                *file,
                format!("install what has it, and run: {}", file.made_by()),
            )),
            Self::Folder(FolderError::Capture {
                source: CaptureError::Content { file, .. },
                ..
            }) => Some(format!(
                "make it anew, as root on the node: {}",
                file.made_by()
            )),
            _ => None,
        }
    }
}

/// The same with what an empty file would say.
fn with_emptiness(file: CaptureFile, help: String) -> String {
    match file.emptiness() {
        Some(says) => format!("{help}; {says}"),
        None => help,
    }
}

/// What a capture is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// What has to be known of it.
    pub remarks: Vec<Remark>,
    /// The node's own addresses, where it shows all.
    pub node_addresses: Option<BTreeSet<IpAddr>>,
    /// Those of its files that were there.
    pub files: BTreeSet<CaptureFile>,
}

impl About {
    /// The remarks, a line each, for a plan towards this mode on a node with these addresses.
    pub fn notes(&self, mode: Mode, asked: &BTreeSet<IpAddr>) -> Vec<String> {
        let mut lines: Vec<String> = self.remarks.iter().map(ToString::to_string).collect();
        let shown = self.node_addresses.as_ref();
        let another = shown.and_then(|shown| of_node(shown, asked));
        lines.extend(another.map(|note| note.to_string()));
        if mode == Mode::Nftables && !self.files.contains(&CaptureFile::Tables) {
            lines.push(format!(
                "the capture has no {}: planned as if there were no table of mode nftables; run `{}`",
                CaptureFile::Tables,
                CaptureFile::Tables.made_by(),
            ));
        }
        lines
    }
}

/// Reads a capture; without an inventory nothing counts as made by an earlier apply, and without the
/// list of Services that goes with it only chosen endpoints count as having served.
///
/// # Errors
/// What is missing, or is not what its tool prints.
pub fn read(folder: &Path) -> Result<(Holds, About), CaptureReadError> {
    let Capture {
        observed,
        remarks,
        node_addresses,
        files,
    } = read_capture(folder)?;
    let path = folder.join(Inventory::FILE_NAME);
    let inventory = match optional(&path)? {
        Some(text) => text
            .parse()
            .map_err(|problem| CaptureReadError::Inventory { path, problem })?,
        None => Inventory::default(),
    };
    let path = folder.join(ArtefactKind::Services.as_str());
    let services = match optional(&path)? {
        Some(text) => Some(
            services::read(&text)
                .map_err(|problem| CaptureReadError::Services { path, problem })?,
        ),
        None => None,
    };
    let holds = Holds {
        observed,
        inventory,
        services,
        connections: Connections::new(),
        machine: None,
    };
    let about = About {
        remarks,
        node_addresses,
        files,
    };
    Ok((holds, about))
}

fn optional(path: &Path) -> Result<Option<String>, FolderError> {
    let folder = path.parent().unwrap_or(path);
    let name = path.file_name().unwrap_or_default();
    let root = Root::open(folder, Links::Within);
    match root.and_then(|root| root.read(Path::new(name), FILE_BYTES)) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FolderError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}
