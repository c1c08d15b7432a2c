//! The folder of a capture.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use portolan_compiler::observed::{self, CaptureError, CaptureFile, Observed};

use crate::cli::{Exit, Explain};
use crate::input::Links;
use crate::input::read::{self, FILE_BYTES, Root};

/// Why a capture cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file of it cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of it, or the folder, cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What is in it is no capture.
    #[error("cannot make sense of the capture in {}", path.display())]
    Capture {
        /// The folder.
        path: PathBuf,
        /// Why not.
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

/// Reads the capture in a folder, made by [`write_capture`] or with ordinary tools.
///
/// # Errors
/// Where a file is missing, or is not what its command prints.
pub fn read_capture(folder: &Path) -> Result<Observed, FolderError> {
    // A folder that is not there has no files either, but that is not what to say of it.
    let root = Root::open(folder, Links::Within).map_err(|source| FolderError::Read {
        path: folder.to_owned(),
        source,
    })?;
    let mut files = BTreeMap::new();
    for file in CaptureFile::ALL {
        let path = folder.join(file.name());
        match root.read(Path::new(file.name()), FILE_BYTES) {
            // Comments of other software's rules, and settings, may be in any encoding.
            Ok(bytes) => files.insert(file, String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(FolderError::Read { path, source }),
        };
    }
    observed::read(&files).map_err(|source| FolderError::Capture {
        path: folder.to_owned(),
        source,
    })
}

/// Writes a capture into a folder, which is made where it is missing. Files of an older capture do
/// not stay behind; everything else in the folder does.
///
/// # Errors
/// Where something cannot be written.
pub fn write_capture(folder: &Path, observed: &Observed) -> Result<Vec<PathBuf>, FolderError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        |source| FolderError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(fail(folder))?;
    let files = observed::write(observed);
    for file in CaptureFile::ALL {
        let path = folder.join(file.name());
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
        let path = folder.join(file.name());
        fs::write(&path, text).map_err(fail(&path))?;
        written.push(path);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use portolan_compiler::observed::Dummy;

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
            let written = write_capture(&path, &observed).unwrap();
            assert_eq!(fs::read_dir(&path).unwrap().count(), written.len());
            assert_eq!(read_capture(&path).unwrap(), observed);
        }
    }

    #[test]
    fn an_empty_folder_is_no_capture() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_capture(folder.path()).unwrap_err();
        assert_eq!(error.exit(), Exit::NoInput);
    }
}
