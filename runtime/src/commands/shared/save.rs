//! Writes a result to a file.

use std::io;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::Digest;
use portolan_compiler::escape::visible;

use crate::out::put;
use crate::report::{Exit, Explain};

/// The file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub(in crate::commands) struct SaveError {
    path: PathBuf,
    source: io::Error,
}

impl Explain for SaveError {
    fn exit(&self) -> Exit {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied => Exit::NoPermission,
            _ => Exit::Io,
        }
    }
}

/// Puts the file in place at once, and says so.
pub(in crate::commands) fn save(path: &Path, bytes: &[u8]) -> Result<String, SaveError> {
    put(path, bytes).map_err(|source| SaveError {
        path: path.to_owned(),
        source,
    })?;
    Ok(format!(
        "Saved {} ({})\n",
        visible(&path.display().to_string()),
        Digest::of(bytes)
    ))
}
