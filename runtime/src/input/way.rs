//! Who else could put something in the place of a file: whoever may write to a folder on its way.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// The first folder on the way to this one, itself among them, that others could change, and how; as it
/// is named and as links lead. Folders that are not there are nobody's.
pub(crate) fn open_to_others(folder: &Path) -> io::Result<Option<(PathBuf, &'static str)>> {
    // A name alone lies in the current folder.
    let here = folder.as_os_str().is_empty();
    let named = std::path::absolute(if here { Path::new(".") } else { folder })?;
    let there = named.ancestors().find(|path| path.exists());
    let Some(there) = there else { return Ok(None) };
    // A link on the way has an owner, and leads through other folders.
    let real = fs::canonicalize(there)?;
    for path in there.ancestors().chain(real.ancestors()) {
        let found = fs::symlink_metadata(path)?;
        if let Some(problem) = problem(&found) {
            return Ok(Some((path.to_owned(), problem)));
        }
    }
    Ok(None)
}

/// A folder with the sticky bit keeps what is in it from all but the owners of that and of itself.
#[cfg(target_os = "linux")]
fn problem(found: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt as _;
    let trusted = [0, rustix::process::geteuid().as_raw()];
    if !trusted.contains(&found.uid()) {
        return Some("belongs to another user, who could put something else there");
    }
    let shared = found.mode() & 0o022 != 0 && found.mode() & 0o1000 == 0;
    (shared && !found.is_symlink()).then_some("may be written to by others")
}

/// Elsewhere nothing is applied.
#[cfg(not(target_os = "linux"))]
fn problem(_: &Metadata) -> Option<&'static str> {
    None
}
