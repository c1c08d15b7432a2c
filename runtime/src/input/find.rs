//! The manifests in a folder, sorted, so that a run depends on names and never on the file system.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::Folders;
use super::{InputError, Recursion};

/// Files that end in `.yaml`, `.yml` or `.json`: those of the folder itself first, then those of the
/// folders in it, each sorted by name. Hidden folders, such as `.git`, and links to folders are
/// left out; links to files are followed, as mounted ConfigMaps are made of them.
pub(super) fn manifests(folder: &Path, recursion: Recursion) -> Result<Vec<PathBuf>, InputError> {
    let mut found = Vec::new();
    let mut folders = Folders::None;
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        let mut listing = list(&folder)?;
        found.append(&mut listing.files);
        if recursion == Recursion::Deep {
            // The last in is looked at first.
            pending.extend(listing.folders.into_iter().rev());
        } else if !listing.folders.is_empty() {
            folders = Folders::Skipped;
        }
    }
    if found.is_empty() {
        return Err(InputError::Empty {
            path: folder.to_owned(),
            folders,
        });
    }
    Ok(found)
}

#[derive(Debug, Default)]
struct Listing {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

fn list(folder: &Path) -> Result<Listing, InputError> {
    let fail = |error| InputError::read(folder, error);
    let mut listing = Listing::default();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let path = entry.path();
        if entry.file_type().map_err(fail)?.is_dir() {
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                listing.folders.push(path);
            }
        } else if is_manifest(&path) && !path.is_dir() {
            listing.files.push(path);
        }
    }
    listing.files.sort();
    listing.folders.sort();
    Ok(listing)
}

pub(super) fn is_manifest(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| matches!(extension, "yaml" | "yml" | "json"))
}
