//! Writes a result to a file.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::Digest;
use portolan_compiler::escape::visible;
use tempfile::Builder;

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
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        let mut builder = Builder::new();
        builder.prefix(".portolan-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        if let Ok(found) = path.metadata() {
            file.as_file().set_permissions(found.permissions())?;
        }
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|source| SaveError {
        path: path.to_owned(),
        source,
    })?;
    Ok(format!(
        "Saved {} ({})\n",
        visible(&path.display().to_string()),
        Digest::of(bytes)
    ))
}
