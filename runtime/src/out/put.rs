//! Writes one file.

use std::io::{self, Write as _};
use std::path::Path;

use tempfile::Builder;

/// Puts a file in place at once: a reader sees the old content or the new, whatever happens. What is there
/// already keeps its permissions, and a link gives way.
///
/// # Errors
/// Those of the file system.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
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
}
