//! A revision of the repository around the current folder, and what of it a review reads.

use std::path::Path;

use super::error::DiffError;
use super::git::{self, Blob, Git};
use crate::input::{self, Reading, Recursion};

/// A commit, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Revision {
    /// As it was named, or the first digits of the commit.
    pub(in crate::commands) name: String,
    /// What it is, where nobody named it: the merge base with a branch.
    pub(in crate::commands) base_of: Option<String>,
}

/// Branches that changes go to, the likeliest first.
const BRANCHES: [&str; 6] = [
    "origin/HEAD",
    "origin/main",
    "origin/master",
    "main",
    "master",
    "@{upstream}",
];
/// Digits of a commit that tell it from others.
const DIGITS: usize = 10;

impl Revision {
    /// The revision that somebody names.
    ///
    /// # Errors
    /// Where it is none.
    pub(in crate::commands) fn named(name: &str) -> Result<Self, DiffError> {
        commit(&format!("{name}^{{commit}}"), name)?;
        Ok(Self {
            name: name.to_owned(),
            base_of: None,
        })
    }

    /// Where the current branch left the one that changes go to.
    ///
    /// # Errors
    /// Where no such branch is known, or git fails.
    pub(in crate::commands) fn merge_base() -> Result<Self, DiffError> {
        let git = Git::new("HEAD")?;
        // Without a repository this says why.
        git.answer(&["rev-parse", "--verify", "HEAD"], "")?;
        for branch in BRANCHES {
            let Ok(answer) = git.answer(&["merge-base", branch, "HEAD"], "") else {
                continue;
            };
            let commit = first_line(&answer);
            let branch = match git.answer(&["rev-parse", "--abbrev-ref", branch], "") {
                Ok(answer) => first_line(&answer),
                Err(_) => branch.to_owned(),
            };
            return Ok(Self {
                name: commit.chars().take(DIGITS).collect(),
                base_of: Some(branch),
            });
        }
        Err(DiffError::NoBranch)
    }

    /// `main`, or `3f2a1b9c0d, where this left origin/main`.
    pub(in crate::commands) fn said(&self) -> String {
        match &self.base_of {
            None => self.name.clone(),
            Some(branch) => format!("{}, where this left {branch}", self.name),
        }
    }

    /// How git is asked for a path from the top.
    pub(in crate::commands) fn at(&self, path: &Path) -> String {
        format!("{}:{}", self.name, path.to_string_lossy())
    }

    /// Whether it has a path.
    ///
    /// # Errors
    /// Where git fails otherwise.
    pub(in crate::commands) fn has(&self, path: &Path) -> Result<bool, DiffError> {
        let argument = self.at(path);
        let answer = Git::new(&argument)?
            .answer(&["cat-file", "--batch-check"], &format!("{argument}\n"))?;
        Ok(!String::from_utf8_lossy(&answer)
            .trim_end()
            .ends_with(" missing"))
    }

    /// A file of it, by its path from the top; nothing where it has none there, or no file but a link.
    ///
    /// # Errors
    /// Where git fails.
    pub(in crate::commands) fn file(&self, path: &Path) -> Result<Option<Vec<u8>>, DiffError> {
        if !self.has(path)? {
            return Ok(None);
        }
        git::itself(&self.at(path))
    }

    /// The manifests at a path from the top: a file, or those of a folder.
    ///
    /// # Errors
    /// Where it is a link, or cannot be read.
    pub(in crate::commands) fn manifests(
        &self,
        path: &Path,
        reading: &Reading,
    ) -> Result<Vec<(String, Vec<u8>)>, DiffError> {
        let argument = self.at(path);
        let deep = reading.recursion == Recursion::Deep;
        let hidden = |path: &str| path.split('/').any(|part| part.starts_with('.'));
        let excluded = |path: &str| input::is_excluded(&reading.exclude, path);
        let is_manifest = |path: &str| {
            let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
            let is_read = input::is_manifest(Path::new(path)) && (deep || !path.contains('/'));
            is_read && !hidden(folders) && !excluded(path)
        };
        let wanted = git::Wanted {
            file: &is_manifest,
            folder: &|path| deep && !hidden(path) && !excluded(path),
        };
        let files = match git::read(&argument, reading.links, &wanted)? {
            git::Found::File(bytes) => return Ok(vec![(argument, bytes)]),
            git::Found::Folder { files, .. } => files,
        };
        let slash = if argument.ends_with([':', '/']) {
            ""
        } else {
            "/"
        };
        let named = |file: Blob| (format!("{argument}{slash}{}", file.path), file.bytes);
        let files = files.into_iter().filter(|file| {
            let text = str::from_utf8(&file.bytes);
            let is_settings =
                text.is_ok_and(|text| input::is_settings(Path::new(&file.path), text));
            is_manifest(&file.path) && !is_settings
        });
        Ok(files.map(named).collect())
    }
}

/// The commit that a name means.
fn commit(asked: &str, name: &str) -> Result<String, DiffError> {
    let git = Git::new(name)?;
    let words = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        asked,
    ];
    match git.answer(&words, "") {
        Ok(answer) => Ok(first_line(&answer)),
        Err(DiffError::NoGit { argument, source }) => Err(DiffError::NoGit { argument, source }),
        Err(_) => Err(git.problem(super::error::GitProblem::Missing)),
    }
}

fn first_line(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    // Older gits print what ends the options.
    let mut lines = text.lines().filter(|line| !line.starts_with("--"));
    lines.next().unwrap_or_default().to_owned()
}
