//! The manifests in a folder, sorted, so that a run depends on names and never on the file system.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::source_map;

use super::error::{Excluded, Folders};
use super::read::{self, ENTRIES, Links};
use super::{InputError, Instead, Pattern, Reading, Recursion, is_excluded};

/// Files that end in `.yaml`, `.yml` or `.json`, by their paths below the folder: those of the folder
/// itself first, then those of the folders in it, each sorted by name. Hidden folders, such as
/// `.git`, are left out, and links to folders unless links may lead anywhere.
pub(super) fn manifests(top: &Path, reading: &Reading) -> Result<Vec<PathBuf>, InputError> {
    let mut walk = Walk {
        top,
        exclude: &reading.exclude,
        links: reading.links,
        entries: 0,
        seen: BTreeSet::new(),
    };
    let mut found = Vec::new();
    let mut folders = Folders::None;
    let mut excluded = Excluded::None;
    let mut pending = vec![PathBuf::new()];
    while let Some(folder) = pending.pop() {
        let mut listing = walk.list(&folder)?;
        for list in [&mut listing.files, &mut listing.folders] {
            let before = list.len();
            list.retain(|path| !is_left_out(path, &reading.exclude));
            if list.len() < before {
                excluded = Excluded::Some;
            }
        }
        found.append(&mut listing.files);
        if reading.recursion == Recursion::Deep {
            // The last in is looked at first.
            pending.extend(listing.folders.into_iter().rev());
        } else if !listing.folders.is_empty() {
            folders = Folders::Skipped;
        }
    }
    if found.is_empty() {
        return Err(InputError::Empty {
            path: top.to_owned(),
            folders,
            excluded,
            instead: Instead::of(top),
        });
    }
    Ok(found)
}

/// More files than this are not looked into for [`unread`].
const LOOKED_INTO: usize = 64;
/// Bytes of one that are looked at.
const BEGINNING: u64 = 64 << 10;

/// The first of the folders in a folder that are not read though they hold manifests: whoever forgot to ask
/// for them would be told that all is well.
pub(super) fn unread(top: &Path, reading: &Reading) -> Option<PathBuf> {
    if reading.recursion == Recursion::Deep {
        return None;
    }
    let mut walk = Walk {
        top,
        exclude: &reading.exclude,
        links: Links::Within,
        entries: 0,
        seen: BTreeSet::new(),
    };
    let wanted = |path: &PathBuf| !is_left_out(path, &reading.exclude);
    let mut pending = walk.list(Path::new("")).ok()?.folders;
    pending.retain(wanted);
    pending.reverse();
    let mut looked_into = 0;
    while let Some(folder) = pending.pop() {
        // What cannot be read is nobody's to miss.
        let Ok(listing) = walk.list(&folder) else {
            continue;
        };
        for file in listing.files.iter().filter(|path| wanted(path)) {
            looked_into += 1;
            if looked_into > LOOKED_INTO {
                return None;
            }
            let begins = read::beginning(&top.join(file), BEGINNING);
            if begins.is_some_and(|bytes| looks_like_manifest(file, &bytes)) {
                return Some(folder);
            }
        }
        pending.extend(listing.folders.into_iter().rev().filter(wanted));
    }
    None
}

/// Whether a file says that it is an object of Kubernetes.
pub(crate) fn looks_like_manifest(path: &Path, bytes: &[u8]) -> bool {
    let is_map = path
        .file_name()
        .is_some_and(|name| name == source_map::FILE_NAME);
    let text = String::from_utf8_lossy(bytes);
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    // Templates are none yet.
    !is_map
        && !text.contains("{{")
        && if is_json {
            text.contains("\"apiVersion\"")
        } else {
            text.lines().any(|line| line.starts_with("apiVersion:"))
        }
}

/// Whether a path below the folder is one of those that somebody does not want.
fn is_left_out(path: &Path, patterns: &[Pattern]) -> bool {
    // Names are compared as text; what is no text is no manifest either.
    path.to_str()
        .is_some_and(|path| is_excluded(patterns, path))
}

#[derive(Debug, Default)]
struct Listing {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

struct Walk<'a> {
    top: &'a Path,
    exclude: &'a [Pattern],
    links: Links,
    entries: usize,
    /// Folders that were looked into, where links may lead to one twice.
    seen: BTreeSet<PathBuf>,
}

impl Walk<'_> {
    /// What is in a folder below the top.
    fn list(&mut self, below: &Path) -> Result<Listing, InputError> {
        let folder = self.top.join(below);
        let fail = |error| InputError::read(&folder, error);
        let mut listing = Listing::default();
        if self.links == Links::Anywhere && !self.seen.insert(folder.canonicalize().map_err(fail)?)
        {
            return Ok(listing);
        }
        for entry in fs::read_dir(&folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            self.entries += 1;
            if self.entries > ENTRIES {
                return Err(InputError::Crowded {
                    path: self.top.to_owned(),
                });
            }
            let path = below.join(entry.file_name());
            let kind = entry.file_type().map_err(fail)?;
            let leads_to_folder = kind.is_symlink() && entry.path().is_dir();
            if kind.is_dir() || (leads_to_folder && self.links == Links::Anywhere) {
                if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                    listing.folders.push(path);
                }
            } else if is_manifest(&path) && !leads_to_folder {
                listing.files.push(path);
            } else {
                // It is not read anyway, but a pattern may be about it.
                is_left_out(&path, self.exclude);
            }
        }
        listing.files.sort();
        listing.folders.sort();
        Ok(listing)
    }
}

pub(super) fn is_manifest(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| matches!(extension, "yaml" | "yml" | "json"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_to_folders_are_followed_once_and_only_if_asked_for() {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir(top.path().join("sub")).unwrap();
        fs::write(top.path().join("sub/a.yaml"), "").unwrap();
        symlink("..", top.path().join("sub/loop")).unwrap();
        symlink("/", top.path().join("sub/root.yaml")).unwrap();
        let found = |links| {
            let recursion = Recursion::Deep;
            {
                let exclude = Vec::new();
                let reading = Reading {
                    recursion,
                    links,
                    exclude,
                };
                manifests(&top.path().join("sub"), &reading).unwrap()
            }
        };
        assert_eq!(found(Links::Within), [Path::new("a.yaml")]);
        fs::remove_file(top.path().join("sub/root.yaml")).unwrap();
        assert_eq!(found(Links::Anywhere), [Path::new("a.yaml")]);
    }
}
