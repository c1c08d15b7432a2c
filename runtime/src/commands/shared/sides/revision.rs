//! A revision of the repository around the current folder, and what of it a review reads.

use std::path::Path;

use super::error::{DiffError, GitProblem};
use super::git::{self, Blob, Git};
use super::passed::PassedBy;
use crate::input::{self, Reading};

/// A commit, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Revision {
    /// As it was named, or the first digits of the commit.
    pub(in crate::commands) name: String,
    /// What it is the merge base with, where it is no revision as it was named.
    pub(in crate::commands) base_of: Option<String>,
    /// How it was found.
    pub(in crate::commands) found: Found,
}

/// How a revision was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Found {
    /// Somebody names it.
    Named,
    /// Somebody names it, and nothing that is known here leads from it to what is checked out.
    Unrelated,
    /// Nobody names it, and the current branch left there.
    Left,
    /// Nobody names it, and it is what is checked out and staged: nothing lies between.
    Here,
}

/// Branches that changes go to, the likeliest first.
const BRANCHES: [&str; 5] = [
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
];
/// Digits of a commit that tell it from others.
const DIGITS: usize = 10;

impl Revision {
    /// The revision that somebody names, or, of a branch that has gone on since, where the current branch
    /// left it: what others did there is no part of the change.
    ///
    /// # Errors
    /// Where it is none.
    pub(in crate::commands) fn named(name: &str) -> Result<Self, DiffError> {
        if let Some(problem) = no_revision(name) {
            return Err(DiffError::Git {
                argument: name.to_owned(),
                problem,
            });
        }
        let named = commit(&format!("{name}^{{commit}}"), name)?;
        let git = Git::new(name)?;
        let as_named = |found| Self {
            name: name.to_owned(),
            base_of: None,
            found,
        };
        Ok(match merge_base(&git, &named) {
            None => as_named(Found::Unrelated),
            Some(base) if base == named => as_named(Found::Named),
            Some(base) => Self {
                name: short(&base),
                base_of: Some(name.to_owned()),
                found: Found::Named,
            },
        })
    }

    /// Where the current branch left the one that changes go to.
    ///
    /// # Errors
    /// Where no such branch is known, nothing is common with it, or git fails.
    pub(in crate::commands) fn merge_base() -> Result<Self, DiffError> {
        let git = Git::new("HEAD")?;
        // Without a repository this says why.
        git.answer(&["rev-parse", "--git-dir"], "")?;
        let Ok(head) = commit("HEAD^{commit}", "HEAD") else {
            return Err(git.problem(GitProblem::NoCommit));
        };
        let branch = BRANCHES.into_iter().find(|branch| exists(&git, branch));
        let branch = branch.map(str::to_owned);
        let Some(branch) = branch.or_else(|| upstream(&git, &head)) else {
            return Err(DiffError::NoBranch);
        };
        let called = match git.answer(&["rev-parse", "--abbrev-ref", &branch], "") {
            Ok(answer) => first_line(&answer),
            Err(_) => branch.clone(),
        };
        let Some(base) = merge_base(&git, &branch) else {
            return Err(DiffError::NothingCommon { branch: called });
        };
        let is_here = base == head && {
            let words = ["diff-index", "--cached", "--name-only", "HEAD"];
            git.answer(&words, "")?.is_empty()
        };
        Ok(Self {
            name: short(&base),
            base_of: Some(called),
            found: if is_here { Found::Here } else { Found::Left },
        })
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
        let passed = PassedBy::new(reading);
        let wanted = git::Wanted {
            file: &|path| reading.reads(path),
            folder: &|path| reading.enters(path),
            beside: &|path| passed.wants(path),
        };
        let files = match git::read(&argument, reading.links, &wanted)? {
            git::Found::File(bytes) => return Ok(vec![(argument, bytes)]),
            git::Found::Folder { files, .. } => files,
        };
        passed.refuse(&argument, &files)?;
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
            reading.reads(&file.path) && !is_settings
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
        Err(_) => Err(git.problem(GitProblem::Missing)),
    }
}

/// Why a name is none of a single revision, where it looks like something else.
fn no_revision(name: &str) -> Option<GitProblem> {
    if name.is_empty() {
        return Some(GitProblem::NoName);
    }
    if let Some((from, _)) = name.split_once("..") {
        return Some(GitProblem::Range(from.to_owned()));
    }
    // A colon in braces is part of a revision.
    match name.split_once(':') {
        Some((revision, _)) if !name.contains('{') && !revision.is_empty() => {
            Some(GitProblem::WithPath(revision.to_owned()))
        }
        _ => None,
    }
}

fn exists(git: &Git<'_>, branch: &str) -> bool {
    let name = format!("{branch}^{{commit}}");
    let words = ["rev-parse", "--verify", "--quiet", &name];
    git.answer(&words, "").is_ok()
}

/// Where what is checked out left a revision.
fn merge_base(git: &Git<'_>, revision: &str) -> Option<String> {
    let answer = git.answer(&["merge-base", revision, "HEAD"], "").ok()?;
    Some(first_line(&answer)).filter(|commit| !commit.is_empty())
}

/// The branch that the current one follows, unless that is the same one elsewhere: what was pushed would
/// be held against itself.
fn upstream(git: &Git<'_>, head: &str) -> Option<String> {
    let line = |words: &[&str]| Some(first_line(&git.answer(words, "").ok()?));
    let current = line(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
    let upstream = line(&["rev-parse", "--symbolic-full-name", "@{upstream}"])?;
    let at = line(&["rev-parse", "--verify", "--quiet", "@{upstream}"])?;
    let is_own = at == head || upstream.ends_with(&format!("/{current}"));
    (!is_own).then_some(upstream)
}

/// Whether a name is one of a revision, for who named it as something else.
pub(super) fn is_revision(name: &str) -> bool {
    no_revision(name).is_none() && commit(&format!("{name}^{{commit}}"), name).is_ok()
}

fn short(commit: &str) -> String {
    commit.chars().take(DIGITS).collect()
}

fn first_line(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    // Older gits print what ends the options.
    let mut lines = text.lines().filter(|line| !line.starts_with("--"));
    lines.next().unwrap_or_default().to_owned()
}
