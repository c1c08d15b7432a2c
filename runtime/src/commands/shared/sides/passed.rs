//! Manifests in folders of a folder of Git's that are not read: whoever forgot to ask for them is told.

use std::cell::Cell;
use std::path::Path;

use super::error::DiffError;
use super::git::Blob;
use crate::input::{self, Reading};

/// More files than this are not looked into.
const LOOKED_INTO: usize = 64;

/// Looks at what is passed by.
pub(super) struct PassedBy<'a> {
    reading: &'a Reading,
    left: Cell<usize>,
}

impl<'a> PassedBy<'a> {
    pub(super) fn new(reading: &'a Reading) -> Self {
        Self {
            reading,
            left: Cell::new(LOOKED_INTO),
        }
    }

    /// Whether a file, by its path below the folder, is to be looked at.
    pub(super) fn wants(&self, path: &str) -> bool {
        let left = self.left.get();
        let wants = left > 0 && self.reading.passes_by(path);
        self.left.set(left - usize::from(wants));
        wants
    }

    /// # Errors
    /// Where a file that is passed by is a manifest.
    pub(super) fn refuse(&self, argument: &str, files: &[Blob]) -> Result<(), DiffError> {
        let mut passed = files.iter().filter(|file| {
            self.reading.passes_by(&file.path)
                && input::looks_like_manifest(Path::new(&file.path), &file.bytes)
        });
        match passed.next().and_then(|file| file.path.rsplit_once('/')) {
            None => Ok(()),
            Some((folder, _)) => Err(DiffError::Unread {
                argument: argument.to_owned(),
                folder: folder.to_owned(),
            }),
        }
    }
}
