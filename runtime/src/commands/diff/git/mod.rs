//! Files of a Git revision or of the index, without a checkout. Only git's plumbing is asked, and
//! never the network; see [`program`] for what a repository's configuration cannot do.

mod links;
mod listing;
mod program;

use std::path::{Component, Path};

use super::error::{DiffError, GitProblem};
use crate::input::Links;
use crate::input::read::{ALL_BYTES, ENTRIES, FILE_BYTES};
use links::Leads;
use listing::{Entry, Kind};
use program::Git;

/// What `REV:PATH` names.
#[derive(Debug)]
pub(super) enum Found {
    /// A file.
    File(Vec<u8>),
    /// A folder with the folders in it.
    Folder {
        /// Its files.
        files: Vec<Blob>,
        /// Paths of its submodules, whose files are in repositories of their own.
        modules: Vec<String>,
    },
}

/// A file in a folder of Git's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blob {
    /// Its path below the folder, with `/`.
    pub(super) path: String,
    /// Its bytes; of a link those of the file that it leads to.
    pub(super) bytes: Vec<u8>,
    /// Whether it is a link.
    pub(super) is_link: bool,
}

/// Reads `REV:PATH`, or `:PATH` of the index. Of a folder what is wanted, by paths below it. Links are
/// followed as in a working tree: within the folder, and links to folders are left out.
pub(super) fn read(
    argument: &str,
    links: Links,
    wanted: impl Fn(&str) -> bool,
) -> Result<Found, DiffError> {
    let git = Git::new(argument)?;
    let entries = match listing::list(&git)? {
        listing::Named::File(entry) => {
            check_size(&git, &entry, argument)?;
            let mut blobs = git.blobs(&[entry.object])?;
            return blobs.pop().map(Found::File).ok_or_else(|| git.nonsense());
        }
        listing::Named::Folder(entries) => entries,
    };
    if entries.len() > ENTRIES {
        return Err(git.problem(GitProblem::Crowded));
    }
    let mut chosen: Vec<(&Entry, Entry)> = Vec::new();
    let modules = entries.iter().filter(|entry| entry.kind == Kind::Module);
    let modules = modules.map(|entry| entry.path.clone()).collect();
    let mut total = 0;
    for entry in &entries {
        if !is_below(&entry.path) || !wanted(&entry.path) {
            continue;
        }
        let file = match entry.kind {
            Kind::File => entry.clone(),
            Kind::Module => continue,
            Kind::Link => match links::follow(&git, &entries, entry)? {
                Leads::File(file) => file,
                Leads::Folder if links == Links::Within => continue,
                Leads::Out if links == Links::Within => {
                    return Err(git.problem(GitProblem::LinkOut(entry.path.clone())));
                }
                Leads::Folder | Leads::Out | Leads::Nowhere => {
                    return Err(git.problem(GitProblem::LinkLost(entry.path.clone())));
                }
            },
        };
        check_size(&git, &file, &entry.path)?;
        total += file.size;
        if total > ALL_BYTES {
            return Err(git.problem(GitProblem::Large));
        }
        chosen.push((entry, file));
    }
    let objects: Vec<String> = chosen.iter().map(|(_, file)| file.object.clone()).collect();
    let blobs = git.blobs(&objects)?.into_iter();
    let files = chosen
        .into_iter()
        .zip(blobs)
        .map(|((entry, _), bytes)| Blob {
            path: entry.path.clone(),
            bytes,
            is_link: entry.kind == Kind::Link,
        });
    Ok(Found::Folder {
        files: files.collect(),
        modules,
    })
}

fn check_size(git: &Git<'_>, file: &Entry, path: &str) -> Result<(), DiffError> {
    if file.size > FILE_BYTES {
        return Err(git.problem(GitProblem::LargeFile(path.to_owned())));
    }
    Ok(())
}

/// Whether a path stays below its folder, wherever that is put.
fn is_below(path: &str) -> bool {
    let mut components = Path::new(path).components();
    !path.contains('\\') && components.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below() {
        for (path, below) in [
            ("a/b.yaml", true),
            ("../a", false),
            ("/a", false),
            ("a\\b", false),
        ] {
            assert_eq!(is_below(path), below, "{path}");
        }
    }

    #[test]
    fn what_could_be_an_option_or_two_questions_is_no_revision() {
        for argument in [
            "--output=/tmp/x:y",
            "main:a\nHEAD:b",
            ":/message",
            "main:a\0b",
        ] {
            let error = read(argument, Links::Within, |_| true).unwrap_err();
            assert!(error.to_string().contains("no revision"), "{error}");
        }
    }
}
