//! Files of a Git revision or of the index, without a checkout. Only git's plumbing is asked, and
//! never the network; see [`program`] for what a repository's configuration cannot do.

mod chosen;
mod links;
mod listing;
mod program;

use super::error::{DiffError, GitProblem};
use crate::input::Links;
use crate::input::read::{ALL_BYTES, ENTRIES, FILE_BYTES};
pub(super) use chosen::Wanted;
use chosen::{Chosen, choose};
use links::{Leads, Tree};
use listing::{EntryKind, TreeEntry};
pub(super) use program::Git;

/// What `REV:PATH` names.
#[derive(Debug)]
pub(super) enum Found {
    /// A file, with its bytes.
    File(Vec<u8>),
    /// A folder with the folders in it.
    Folder {
        /// Files in it that may be read, with their bytes.
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
    /// Whether it is a link, or in a folder that a link leads to.
    pub(super) is_link: bool,
}

/// Reads `REV:PATH`, or `:PATH` of the index. Of a folder what is wanted. Links are followed as in a
/// working tree: within the folder, or, where they may lead anywhere, within the revision or the index.
pub(super) fn read(argument: &str, links: Links, wanted: &Wanted<'_>) -> Result<Found, DiffError> {
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
    let has_links = entries.iter().any(|entry| entry.kind == EntryKind::Link);
    let (tree, top) = if links == Links::Anywhere && has_links {
        let listing::Whole { entries, path } = listing::whole(&git)?;
        let tree = Tree::new(&git, entries)?;
        match tree.walk(&path) {
            Leads::Folder(top) => (tree, top),
            _ => return Err(git.nonsense()),
        }
    } else {
        (Tree::new(&git, entries)?, String::new())
    };
    let Chosen { files, modules } =
        choose(&tree, &top, links, wanted).map_err(|problem| git.problem(problem))?;
    let mut total = 0;
    for file in &files {
        check_size(&git, &file.entry, &file.path)?;
        total += file.entry.size;
        if total > ALL_BYTES {
            return Err(git.problem(GitProblem::Large));
        }
    }
    let objects: Vec<String> = files.iter().map(|file| file.entry.object.clone()).collect();
    let blobs = git.blobs(&objects)?.into_iter();
    let files = files.into_iter().zip(blobs).map(|(file, bytes)| Blob {
        path: file.path,
        bytes,
        is_link: file.is_link,
    });
    Ok(Found::Folder {
        files: files.collect(),
        modules,
    })
}

/// The file at `REV:PATH`; nothing where a link or a folder is there.
pub(super) fn itself(argument: &str) -> Result<Option<Vec<u8>>, DiffError> {
    let git = Git::new(argument)?;
    match listing::itself(&git)? {
        None => Ok(None),
        Some(entry) => {
            check_size(&git, &entry, argument)?;
            git.blobs(&[entry.object]).map(|mut blobs| blobs.pop())
        }
    }
}

fn check_size(git: &Git<'_>, file: &TreeEntry, path: &str) -> Result<(), DiffError> {
    if file.size > FILE_BYTES {
        return Err(git.problem(GitProblem::LargeFile(path.to_owned())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_an_option_or_two_questions_is_no_revision() {
        let wanted = Wanted {
            file: &|_| true,
            folder: &|_| true,
            beside: &|_| false,
        };
        for argument in [
            "--output=/tmp/x:y",
            "main:a\nHEAD:b",
            ":/message",
            "main:a\0b",
        ] {
            let error = read(argument, Links::Within, &wanted).unwrap_err();
            assert!(error.to_string().contains("no revision"), "{error}");
        }
    }
}
