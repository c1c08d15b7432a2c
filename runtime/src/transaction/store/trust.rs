//! Who else could have written the records: what is carried out as root is taken from nobody but their
//! owner.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use super::StoreError;
use crate::input::way;

/// Opens a file of the records without following a link or waiting for a device; `None` where there
/// is none.
pub(super) fn open(path: &Path) -> Result<Option<File>, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true);
    opened(options, path)
}

/// The same, to write to; it is made where there is none.
pub(super) fn open_lock(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = opened(options, path)?;
    file.ok_or_else(|| StoreError::io("open", path)(io::ErrorKind::NotFound.into()))
}

fn opened(mut options: OpenOptions, path: &Path) -> Result<Option<File>, StoreError> {
    careful(&mut options);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
            return Err(StoreError::damaged(path, "it is a folder"));
        }
        Err(_) if is_link(path) => return Err(misplaced(path, "is a link")),
        Err(error) => return Err(StoreError::io("open", path)(error)),
    };
    let found = file.metadata().map_err(StoreError::io("look at", path))?;
    if found.is_dir() {
        return Err(StoreError::damaged(path, "it is a folder"));
    }
    let problem = if found.is_file() {
        misused(&found)
    } else {
        Some("is no file")
    };
    problem.map_or(Ok(Some(file)), |problem| Err(misplaced(path, problem)))
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Something among the records that may not be there.
fn misplaced(path: &Path, problem: &'static str) -> StoreError {
    StoreError::Misplaced {
        path: path.to_owned(),
        problem,
    }
}

/// Whether there is a folder of the records; what is there instead may not be.
pub(super) fn is_folder(path: &Path) -> Result<bool, StoreError> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found.map_err(StoreError::io("look at", path))?,
    };
    if found.is_symlink() {
        return Err(misplaced(path, "is a link"));
    }
    if !found.is_dir() {
        return Err(StoreError::damaged(path, "it is no folder"));
    }
    misused(&found).map_or(Ok(true), |problem| Err(misplaced(path, problem)))
}

/// The folder of all records.
pub(super) fn check(root: &Path) -> Result<(), StoreError> {
    let found = fs::symlink_metadata(root).map_err(StoreError::io("look at", root))?;
    if found.is_dir() && is_roots_alone(&found) {
        return Err(StoreError::Roots {
            path: root.to_owned(),
        });
    }
    let problem = if found.is_dir() {
        misused(&found)
    } else {
        Some("is no folder")
    };
    problem.map_or(Ok(()), |problem| Err(shared(root, problem)))
}

/// The folders that it lies in: whoever may write to one of them could put other records in its place.
pub(super) fn check_way(root: &Path) -> Result<(), StoreError> {
    let Some(parent) = root.parent() else {
        return Ok(());
    };
    let found = way::open_to_others(parent).map_err(StoreError::io("look at", parent))?;
    found.map_or(Ok(()), |(path, problem)| Err(shared(&path, problem)))
}

/// A folder that others could use.
fn shared(path: &Path, problem: &'static str) -> StoreError {
    StoreError::Unsafe {
        path: path.to_owned(),
        problem,
    }
}

#[cfg(target_os = "linux")]
fn careful(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    options.mode(0o600);
    options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
}

#[cfg(not(target_os = "linux"))]
fn careful(_: &mut OpenOptions) {}

/// Why a file or a folder of the records is not safe from others.
#[cfg(target_os = "linux")]
fn misused(found: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt as _;
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Some("belongs to another user");
    }
    (found.mode() & 0o022 != 0).then_some("may be written to by others")
}

/// Whether it is root's, and who asks is somebody else.
#[cfg(target_os = "linux")]
fn is_roots_alone(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.uid() == 0 && !rustix::process::geteuid().is_root()
}

#[cfg(not(target_os = "linux"))]
fn is_roots_alone(_: &Metadata) -> bool {
    false
}

/// Elsewhere nothing is applied.
#[cfg(not(target_os = "linux"))]
fn misused(_: &Metadata) -> Option<&'static str> {
    None
}

/// What tells a folder from another of the same name.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::symlink_metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(path: &Path) -> Option<()> {
    fs::symlink_metadata(path).ok().map(drop)
}
