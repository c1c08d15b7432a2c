//! What an argument says a side is.
//!
//! A side is what the caller says, and nothing that a change adds makes it something else: a word
//! before a colon is never looked for among files, and where what is there could be taken for two
//! things, the caller is asked to say which.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use portolan_compiler::closed_set;

use crate::commands::shared::sides::error::{DiffError, Reading};

/// What an argument names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// What this machine holds.
    Live,
    /// No Service at all.
    Nothing,
    /// What was applied last.
    Current,
    /// What was applied once.
    Generation(u64),
    /// What files hold, wherever they are.
    Files {
        /// As what they are to be read; `None` where what is there tells.
        kind: Option<FilesKind>,
        /// Where they are.
        place: FilesPlace,
    },
}

closed_set! {
    /// As what files are read, with what says it before a path.
    pub(super) enum FilesKind {
        /// Objects of a cluster, as YAML or JSON.
        Manifests = "manifests:",
        /// A folder that compile wrote.
        Rules = "rules:",
        /// What a node held.
        Capture = "capture:",
    }
}

/// Where the files of a side are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FilesPlace {
    Stdin,
    Path(PathBuf),
    /// What git calls `REV:PATH`.
    Git(String),
}

const PATH: &str = "path:";
const GIT: &str = "git:";

impl FilesKind {
    /// With what it is called in a sentence.
    pub(super) fn reading(self) -> Reading {
        let what = match self {
            Self::Manifests => "manifests",
            Self::Rules => "compiled rules",
            Self::Capture => "a capture",
        };
        Reading(self.as_str(), what)
    }
}

impl Named {
    pub(super) fn parse(argument: &OsStr) -> Result<Self, DiffError> {
        let Some(text) = argument.to_str() else {
            return Ok(Self::Files {
                kind: None,
                place: FilesPlace::Path(argument.into()),
            });
        };
        if let Some(word) = text.strip_prefix('@') {
            return match word {
                "live" => Ok(Self::Live),
                "nothing" => Ok(Self::Nothing),
                "current" => Ok(Self::Current),
                number => number
                    .parse()
                    .map(Self::Generation)
                    .map_err(|_| DiffError::UnknownAt(text.to_owned())),
            };
        }
        let said = FilesKind::ALL.into_iter().find_map(|kind| {
            let rest = text.strip_prefix(kind.as_str())?;
            Some((kind, rest))
        });
        let (kind, text) = match said {
            Some((kind, rest)) => (Some(kind), rest),
            None => (None, text),
        };
        let place = FilesPlace::parse(text)?;
        if place == FilesPlace::Stdin && matches!(kind, Some(FilesKind::Rules | FilesKind::Capture))
        {
            return Err(DiffError::NoPipe);
        }
        Ok(Self::Files { kind, place })
    }
}

impl FilesPlace {
    fn parse(text: &str) -> Result<Self, DiffError> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        if let Some(revision) = text.strip_prefix(GIT) {
            return Ok(Self::Git(revision.to_owned()));
        }
        if let Some(path) = text.strip_prefix(PATH) {
            return Ok(Self::Path(path.into()));
        }
        let path = Path::new(text);
        let is_path = path.is_absolute() || ["./", "../"].iter().any(|dots| text.starts_with(dots));
        if is_path || !text.contains(':') || text.contains("://") {
            return Ok(Self::Path(path.into()));
        }
        // A change can add a file of any name, and tags and branches of others have any name too.
        if path.symlink_metadata().is_ok() {
            return Err(DiffError::TwoReadings {
                side: text.to_owned(),
                readings: vec![Reading(PATH, "a path"), Reading(GIT, "Git's REV:PATH")],
            });
        }
        Ok(Self::Git(text.to_owned()))
    }
}

impl fmt::Display for FilesPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::Path(path) => path.display().fmt(f),
            Self::Git(revision) => f.write_str(revision),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(kind: Option<FilesKind>, place: FilesPlace) -> Named {
        Named::Files { kind, place }
    }

    #[test]
    fn arguments_are_told_apart() {
        let path = |text: &str| FilesPlace::Path(text.into());
        let git = |text: &str| FilesPlace::Git(text.to_owned());
        for (text, expected) in [
            ("@live", Named::Live),
            ("@nothing", Named::Nothing),
            ("@current", Named::Current),
            ("@3", Named::Generation(3)),
            ("-", files(None, FilesPlace::Stdin)),
            ("main:clusters/prod", files(None, git("main:clusters/prod"))),
            ("HEAD~1:", files(None, git("HEAD~1:"))),
            (":clusters/prod", files(None, git(":clusters/prod"))),
            ("clusters/prod", files(None, path("clusters/prod"))),
            ("./a:b", files(None, path("./a:b"))),
            ("/a:b", files(None, path("/a:b"))),
            ("https://x/y", files(None, path("https://x/y"))),
            ("path:a:b", files(None, path("a:b"))),
            ("git:path:b", files(None, git("path:b"))),
            (
                "manifests:-",
                files(Some(FilesKind::Manifests), FilesPlace::Stdin),
            ),
            ("manifests:a", files(Some(FilesKind::Manifests), path("a"))),
            (
                "rules:git:main:rules",
                files(Some(FilesKind::Rules), git("main:rules")),
            ),
            (
                "capture:path:a:b",
                files(Some(FilesKind::Capture), path("a:b")),
            ),
            (
                "manifests:main:a",
                files(Some(FilesKind::Manifests), git("main:a")),
            ),
        ] {
            assert_eq!(Named::parse(OsStr::new(text)).unwrap(), expected, "{text}");
        }
        for text in ["@last", "rules:-"] {
            assert!(Named::parse(OsStr::new(text)).is_err(), "{text}");
        }
    }
}
