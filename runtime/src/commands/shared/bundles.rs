//! Bundles where nothing else will do.

use std::path::{Path, PathBuf};

use crate::report::{Exit, Explain, Failure};
use crate::rules::{BundleFile, Rules};

/// A folder where a bundle is meant.
#[derive(Debug, thiserror::Error)]
#[error("{} is a folder, and no OCI image layout", path.display())]
struct NotABundle {
    path: PathBuf,
}

impl Explain for NotABundle {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn help(&self) -> Option<String> {
        Some(
            "make a bundle of a compiled folder: `portolan bundle create DIR --out FILE`"
                .to_owned(),
        )
    }
}

/// The bundle at this path.
pub(in crate::commands) fn bundle(path: &Path) -> Result<BundleFile, Failure> {
    if !path.is_dir() {
        return Ok(BundleFile::open(path)?);
    }
    match Rules::open(path)? {
        Rules::Bundle(file) => Ok(*file),
        Rules::Folder(_) => Err(NotABundle {
            path: path.to_owned(),
        }
        .into()),
    }
}

/// What a file is called without its folder.
pub(in crate::commands) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
