//! The folder of a capture.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::observed::{self, CaptureError, CaptureFile, CaptureNote, Link, Observed};
use portolan_compiler::plan::Inventory;

use crate::input::Links;
use crate::input::read::{self, FILE_BYTES, Root};
use crate::report::{Exit, Explain};

/// Why a capture cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file of it cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file, with the folder's path.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A file of it, or the folder, cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder that was to be written.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// What is in it is no capture.
    #[error("cannot make sense of the capture in {}", path.display())]
    Capture {
        /// The folder that was named.
        path: PathBuf,
        /// What is missing from it, or wrong in it.
        source: CaptureError,
    },
}

impl Explain for FolderError {
    fn exit(&self) -> Exit {
        match self {
            Self::Read { source, .. } if read::refusal(source).is_some() => Exit::Data,
            Self::Read { .. } => Exit::NoInput,
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => Exit::NoPermission,
                _ => Exit::Io,
            },
            Self::Capture {
                source: CaptureError::Missing(_),
                ..
            } => Exit::NoInput,
            Self::Capture { .. } => Exit::Data,
        }
    }
}

/// A capture that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// What the node held.
    pub observed: Observed,
    /// What has to be known of it.
    pub remarks: Vec<Remark>,
    /// The node's own addresses, where all are shown.
    pub node_addresses: Option<BTreeSet<IpAddr>>,
    /// Those of its files that were there.
    pub files: BTreeSet<CaptureFile>,
}

/// What has to be known of a capture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// Of what its files say.
    #[error(transparent)]
    Note(CaptureNote),
    /// Files that are none of a capture's: they may be meant to be.
    #[error("not read, as no file of a capture has such a name: {}", .0.join(", "))]
    Unread(Vec<String>),
}

/// More names than this are only counted.
const NAMES: usize = 5;

/// Reads the capture in a folder, made by [`write_capture`] or with ordinary tools.
///
/// # Errors
/// Where a file is missing, or is not what its command prints.
pub fn read_capture(folder: &Path) -> Result<Capture, FolderError> {
    // A folder that is not there has no files either, but that is not what to say of it.
    let root = Root::open(folder, Links::Within).map_err(|source| FolderError::Read {
        path: folder.to_owned(),
        source,
    })?;
    let mut files = BTreeMap::new();
    for file in CaptureFile::ALL {
        let path = folder.join(file.as_str());
        match root.read(Path::new(file.as_str()), FILE_BYTES) {
            // Comments of other software's rules, and settings, may be in any encoding.
            Ok(bytes) => files.insert(file, String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(FolderError::Read { path, source }),
        };
    }
    let observed = observed::read(&files).map_err(|source| FolderError::Capture {
        path: folder.to_owned(),
        source,
    })?;
    let notes = observed::notes(&files, &observed)
        .into_iter()
        .map(Remark::Note);
    Ok(Capture {
        observed,
        remarks: notes.chain(unread(folder)?).collect(),
        node_addresses: observed::node_addresses(&files),
        files: files.into_keys().collect(),
    })
}

/// Names in the folder that say nothing here. Those that a dot hides are nobody's captures.
fn unread(folder: &Path) -> Result<Option<Remark>, FolderError> {
    let fail = |source| FolderError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        names.insert(name.to_string_lossy().into_owned());
    }
    names.retain(|name| {
        let known = name.parse::<CaptureFile>().is_ok();
        let kept = [Inventory::FILE_NAME, ArtefactKind::Services.as_str()];
        !known && !kept.contains(&name.as_str()) && !name.starts_with('.')
    });
    let more = names.len().saturating_sub(NAMES);
    let mut shown: Vec<String> = names.into_iter().take(NAMES).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    Ok((!shown.is_empty()).then_some(Remark::Unread(shown)))
}

/// Writes a capture, with the node's links beside kube-ipvs0, into a folder, which is made where it is missing. Files of an older capture do
/// not stay behind; everything else in the folder does.
///
/// # Errors
/// Where something cannot be written.
pub fn write_capture(
    folder: &Path,
    observed: &Observed,
    links: &[Link],
) -> Result<Vec<PathBuf>, FolderError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        |source| FolderError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(fail(folder))?;
    let files = observed::write_with_links(observed, links);
    for file in CaptureFile::ALL {
        let path = folder.join(file.as_str());
        // A link is replaced, not followed.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(fail(&path)(error));
            }
            _ => {}
        }
    }
    let mut written = Vec::new();
    for (file, text) in files {
        let path = folder.join(file.as_str());
        fs::write(&path, text).map_err(fail(&path))?;
        written.push(path);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use portolan_compiler::observed::{Dummy, LinkAddress};

    use super::*;

    #[test]
    fn a_capture_is_read_back_and_replaces_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        for dummy in [
            Dummy::Present(vec![[10, 96, 0, 1].into()]),
            Dummy::Absent,
            Dummy::Present(Vec::new()),
        ] {
            let observed = Observed {
                dummy,
                ..Observed::empty()
            };
            let written = write_capture(&path, &observed, &[]).unwrap();
            assert_eq!(fs::read_dir(&path).unwrap().count(), written.len());
            assert_eq!(read_capture(&path).unwrap().observed, observed);
        }
    }

    #[test]
    fn a_capture_shows_whose_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let links = [
            ("eth0", vec!["192.0.2.11", "2001:db8::11"]),
            ("lo", vec!["127.0.0.1", "::1"]),
        ];
        let links = links.map(|(name, addresses)| Link {
            name: name.to_owned(),
            addresses: addresses
                .into_iter()
                .map(|address| LinkAddress {
                    address: address.parse().unwrap(),
                    length: Some(24),
                })
                .collect(),
        });
        let own = ["192.0.2.11", "2001:db8::11"].map(|address| address.parse().unwrap());
        for dummy in [Dummy::Absent, Dummy::Present(vec![[10, 96, 0, 1].into()])] {
            let observed = Observed {
                dummy,
                ..Observed::empty()
            };
            write_capture(folder.path(), &observed, &links).unwrap();
            let read = read_capture(folder.path()).unwrap();
            assert_eq!(read.observed, observed);
            // An address of kube-ipvs0 that no virtual server has is told.
            let odd = usize::from(!observed.dummy.addresses().is_empty());
            assert_eq!(read.remarks.len(), odd);
            assert_eq!(read.node_addresses, Some(BTreeSet::from(own)));
        }
    }

    #[test]
    fn an_empty_folder_is_no_capture() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_capture(folder.path()).unwrap_err();
        assert_eq!(error.exit(), Exit::NoInput);
    }
}
