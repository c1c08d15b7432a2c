//! By what a change is judged: the revision before it, and what the repository said there.

use std::path::{Path, PathBuf};

use super::error::ReviewError;
use crate::commands::shared::sides::Revision;
use crate::input::{SETTINGS_FILE, is_settings};
use crate::report::Failure;
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
}

/// What a change does to the file that it is judged by.
pub(super) enum Edit {
    /// It leaves the file as it is.
    None,
    /// It brings one where there was none.
    New { path: PathBuf },
    /// It takes it away.
    Gone { path: PathBuf },
    /// It writes something else into it.
    Changed {
        path: PathBuf,
        old: String,
        new: String,
    },
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
        };
        match config {
            Some(path) => match judge.top.typed(path) {
                Some(below) => judge.take(below, IsNamed::Yes)?,
                None => judge.repository = Some(settings::named(path, &here)?),
            },
            None => {
                for folder in judge.top.folders() {
                    judge.take(folder.join(SETTINGS_FILE), IsNamed::No)?;
                    if judge.repository.is_some() || !matches!(judge.edit, Edit::None) {
                        break;
                    }
                }
            }
        }
        Ok(judge)
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
        let new = std::fs::read(self.top.seen_from_here(&path)).ok();
        let new = new.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let new = new.filter(|text| is_meant(text));
        if let Some(text) = &old {
            let folder = path.parent().unwrap_or(Path::new(""));
            let top = self.top.of_folder(folder);
            self.repository = Some(Repository::read(top, &self.revision.at(&path), text)?);
        }
        self.edit = match (old, new) {
            (None, None) => Edit::None,
            (Some(old), Some(new)) if old == new => Edit::None,
            (None, Some(_)) => Edit::New { path },
            (Some(_), None) => Edit::Gone { path },
            (Some(old), Some(new)) => Edit::Changed { path, old, new },
        };
        Ok(())
    }

    /// The clusters to look at: the one that is named, or all.
    pub(super) fn clusters(&self, named: Option<String>) -> Vec<Option<String>> {
        if named.is_some() {
            return vec![named];
        }
        let all = self.repository.iter().flat_map(Repository::clusters);
        let all: Vec<_> = all.map(|name| Some(name.to_owned())).collect();
        if all.is_empty() { vec![None] } else { all }
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
    pub(super) fn said(&self) -> Option<String> {
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
            Self::Changed { path, .. } => Some(format!(
                "{} is edited: what it said before the change decides",
                path.display()
            )),
        }
    }
}
