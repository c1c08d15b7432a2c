//! By what a change is judged: what the repository said before it.

use std::path::{Path, PathBuf};

use super::error::ReviewError;
use crate::commands::shared::sides::{Revision, RevisionFound};
use crate::input::{SETTINGS_FILE, is_settings};
use crate::report::{Exit, Failure};
use crate::settings::{self, Repository, Top};

/// By what a change is judged.
pub(super) struct Judge {
    pub(super) revision: Revision,
    /// The repository around the current folder.
    pub(super) top: Top,
    /// What its file says at the revision.
    pub(super) repository: Option<Repository>,
    /// What the change does to that file.
    pub(super) edit: Edit,
    /// What its file says once the change is there.
    pub(super) after: After,
}

/// What a change does to the file that it is judged by.
pub(super) enum Edit {
    /// It leaves the file as it is.
    None,
    /// It brings one where there was none.
    New { path: PathBuf },
    /// It takes it away.
    Gone { path: PathBuf },
    /// It brings one that stands before it, or in its place.
    Nearer { path: PathBuf, before: PathBuf },
    /// It writes something else into it.
    Changed {
        path: PathBuf,
        old: String,
        new: String,
    },
    /// It puts a link in its place.
    Link { path: PathBuf },
}

/// What the file says once the change is there.
pub(super) enum After {
    /// What it said before, or nothing that is looked at.
    AsBefore,
    /// This.
    Edited(Box<Repository>),
    /// It cannot be used, and why.
    Unusable(String),
}

/// A cluster to look at.
pub(super) struct Looked {
    /// Its name, where the repository tells several apart.
    pub(super) cluster: Option<String>,
    pub(super) standing: Standing,
}

/// Whether a cluster was there before the change, and is there after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was, and is.
    Stays,
    /// The change brings it: there is nothing else that it could be judged by.
    New,
    /// The change takes it away.
    Gone,
}

impl Judge {
    /// Looks at a revision, or where the current branch left the one that changes go to. A file that is
    /// named outside of the repository is no change's.
    pub(super) fn find(revision: Option<&str>, config: Option<&Path>) -> Result<Self, Failure> {
        let here = std::env::current_dir().unwrap_or_default();
        let top = settings::around(&here).ok_or(ReviewError::NoRepository)?;
        let revision = match revision {
            Some(name) => Revision::named(name)?,
            None => Revision::merge_base()?,
        };
        let mut judge = Self {
            revision,
            top,
            repository: None,
            edit: Edit::None,
            after: After::AsBefore,
        };
        match config {
            Some(path) => match judge.top.typed(path) {
                Some(below) => judge.take(below, IsNamed::Yes)?,
                None => judge.repository = Some(settings::named(path, &here)?),
            },
            None => judge.look_upward()?,
        }
        Ok(judge)
    }

    /// Takes the nearest file that was there before; a nearer one that the change brings is no judge.
    fn look_upward(&mut self) -> Result<(), Failure> {
        let mut nearer: Option<(PathBuf, Edit, After)> = None;
        for folder in self.top.folders() {
            let path = folder.join(SETTINGS_FILE);
            self.take(path.clone(), IsNamed::No)?;
            if self.repository.is_some() {
                if let Some((path, _, after)) = nearer {
                    let before = folder.join(SETTINGS_FILE);
                    self.edit = Edit::Nearer { path, before };
                    self.after = after;
                }
                return Ok(());
            }
            if !matches!(self.edit, Edit::None) {
                let edit = std::mem::replace(&mut self.edit, Edit::None);
                let after = std::mem::replace(&mut self.after, After::AsBefore);
                nearer = nearer.or(Some((path, edit, after)));
            }
        }
        if let Some((_, edit, _)) = nearer {
            self.edit = edit;
        }
        Ok(())
    }

    /// Takes the file of this path, from the top, if either side has it.
    fn take(&mut self, path: PathBuf, is_named: IsNamed) -> Result<(), Failure> {
        let is_meant = |text: &str| is_named == IsNamed::Yes || is_settings(&path, text);
        let old = match self.revision.file(&path)? {
            None => None,
            Some(bytes) => Some(
                String::from_utf8(bytes)
                    .map_err(|_| ReviewError::NoText(self.revision.at(&path)))?,
            ),
        };
        let old = old.filter(|text| is_meant(text));
        let here = self.top.seen_from_here(&path);
        let is_link = here
            .symlink_metadata()
            .is_ok_and(|found| found.is_symlink());
        let new = if is_link {
            None
        } else {
            std::fs::read(&here).ok()
        };
        let new = new.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let new = new.filter(|text| is_meant(text));
        let folder = path.parent().unwrap_or(Path::new(""));
        let top = self.top.of_folder(folder);
        if let Some(text) = &old {
            self.repository = Some(Repository::read(
                top.clone(),
                &self.revision.at(&path),
                text,
            )?);
        }
        let after = |new: &str| match Repository::read(top, &path.to_string_lossy(), new) {
            Ok(repository) => After::Edited(Box::new(repository)),
            Err(error) => After::Unusable(error.to_string()),
        };
        (self.edit, self.after) = match (old, new) {
            (None | Some(_), None) if is_link => {
                let why = format!("{} is a link, which no command reads", path.display());
                (Edit::Link { path }, After::Unusable(why))
            }
            (None, None) => (Edit::None, After::AsBefore),
            (Some(old), Some(new)) if old == new => (Edit::None, After::AsBefore),
            (None, Some(new)) => {
                let after = after(&new);
                (Edit::New { path }, after)
            }
            (Some(_), None) => (Edit::Gone { path }, After::AsBefore),
            (Some(old), Some(new)) => {
                let after = after(&new);
                (Edit::Changed { path, old, new }, after)
            }
        };
        Ok(())
    }

    /// What the file says once the change is there, where that is not what it said before.
    pub(super) fn edited(&self) -> Option<&Repository> {
        match &self.after {
            After::Edited(repository) if self.repository.is_some() => Some(repository),
            _ => None,
        }
    }

    /// The clusters to look at: the one that is named, or all that are there before or after.
    pub(super) fn clusters(&self, named: Option<String>) -> Vec<Looked> {
        let names = |repository: &Repository| -> Vec<Option<String>> {
            let names = repository.clusters().map(|name| Some(name.to_owned()));
            let names: Vec<_> = names.collect();
            if names.is_empty() { vec![None] } else { names }
        };
        let before = self.repository.as_ref().map_or_else(|| vec![None], names);
        let after = self.edited().map_or_else(|| before.clone(), names);
        let new = after.iter().filter(|name| !before.contains(name));
        let new = new.map(|name| (name.clone(), Standing::New));
        let old = before.iter().map(|name| {
            let standing = if after.contains(name) {
                Standing::Stays
            } else {
                Standing::Gone
            };
            (name.clone(), standing)
        });
        let mut all: Vec<_> = old.chain(new).collect();
        if named.is_some() {
            all.retain(|(name, _)| *name == named);
            if all.is_empty() {
                all.push((named, Standing::Stays));
            }
        }
        let looked = all.into_iter();
        looked
            .map(|(cluster, standing)| Looked { cluster, standing })
            .collect()
    }

    /// A file that no later run could use fails its own review.
    pub(super) fn exit(&self) -> Exit {
        match self.after {
            After::Unusable(_) => Exit::Data,
            After::AsBefore | After::Edited(_) => Exit::Done,
        }
    }

    /// Further things to know of what is compared, in sentences without full stops.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.edit.said().into_iter().collect();
        if let After::Unusable(why) = &self.after {
            notes.push(format!("as the change has it, it cannot be used: {why}"));
        }
        if self.revision.found == RevisionFound::Unrelated {
            notes.push(format!(
                "nothing that is known here is common to {} and what is checked out: it is compared as it \
                 is, and what was done there since counts as well",
                self.revision.name
            ));
        }
        notes
    }
}

/// Whether somebody names the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IsNamed {
    Yes,
    No,
}

impl Edit {
    /// What to know of it, in a sentence without a full stop.
    fn said(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::New { path } => Some(format!(
                "{} is new: it decides about nothing yet",
                path.display()
            )),
            Self::Gone { path } => Some(format!(
                "{} goes: what it said before the change decides still",
                path.display()
            )),
            Self::Nearer { path, before } => Some(format!(
                "{} is new, and stands before {}: what that said before the change decides still",
                path.display(),
                before.display()
            )),
            Self::Changed { path, .. } => Some(format!(
                "{} is edited: what it said before the change decides",
                path.display()
            )),
            Self::Link { path } => Some(format!(
                "{} becomes a link: what it said before the change decides still",
                path.display()
            )),
        }
    }
}

impl Standing {
    /// What to know of a cluster, in a sentence without a full stop.
    pub(super) fn said(self) -> Option<&'static str> {
        match self {
            Self::Stays => None,
            Self::New => Some("it is new: nothing but what the change says of it can decide"),
            Self::Gone => Some("the change takes it away"),
        }
    }
}
