//! Where the file is: from the working directory upward, as far as the repository goes.

use std::io;
use std::path::{Path, PathBuf};

use super::error::SettingsError;
use super::paths::Top;
use super::read::Repository;
use crate::input::{SETTINGS_FILE as FILE_NAME, is_settings, read};

/// Bytes of a file that anybody writes by hand.
const BYTES: u64 = 1 << 20;

/// The nearest file from a folder upward, up to the top of its Git repository; nothing where there is
/// none. Without a repository only the folder itself is looked into: above it, others may write.
///
/// # Errors
/// With a file that cannot be read, or that makes no sense.
pub(crate) fn find(folder: &Path) -> Result<Option<Repository>, SettingsError> {
    let top = top_of(folder);
    for above in folder.ancestors() {
        let path = above.join(FILE_NAME);
        if path.symlink_metadata().is_ok() {
            let text = read_itself(&path)?;
            // A manifest may be called like that as well.
            if is_settings(&path, &text) {
                let root = top.unwrap_or_else(|| above.to_owned());
                let top = Top::new(&root, above, folder);
                return Repository::read(top, FILE_NAME, &text).map(Some);
            }
        }
        if top.is_none() || top.as_deref() == Some(above) {
            break;
        }
    }
    Ok(None)
}

/// The file that somebody names.
///
/// # Errors
/// Where it cannot be read, or makes no sense.
pub(crate) fn named(path: &Path, folder: &Path) -> Result<Repository, SettingsError> {
    let fail = |source| SettingsError::Read {
        path: path.to_owned(),
        source,
    };
    let bytes = read::file(path, BYTES).map_err(fail)?;
    let text = text(bytes).map_err(fail)?;
    let full = folder.join(path);
    let own = full.parent().unwrap_or(folder);
    let own = own.canonicalize().map_err(fail)?;
    let root = top_of(&own).unwrap_or_else(|| own.clone());
    let here = folder.canonicalize().map_err(fail)?;
    Repository::read(
        Top::new(&root, &own, &here),
        &path.display().to_string(),
        &text,
    )
}

/// The repository around a folder, for a file at its top.
pub(crate) fn around(folder: &Path) -> Option<Top> {
    let root = top_of(folder)?;
    Some(Top::new(&root, &root, folder))
}

/// The top of the Git repository around a folder.
fn top_of(folder: &Path) -> Option<PathBuf> {
    let has_git = |above: &&Path| above.join(".git").symlink_metadata().is_ok();
    folder.ancestors().find(has_git).map(Path::to_owned)
}

/// A link could lead to anybody's.
fn read_itself(path: &Path) -> Result<String, SettingsError> {
    let fail = |source| SettingsError::Read {
        path: path.to_owned(),
        source,
    };
    let bytes = read::itself(path, BYTES).map_err(fail)?;
    let bytes = bytes.ok_or_else(|| {
        let what = "it is a link, or no file, and could lead out of the repository";
        fail(io::Error::new(io::ErrorKind::InvalidData, what))
    })?;
    text(bytes).map_err(fail)
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    let fail = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
    String::from_utf8(bytes).map_err(fail)
}
