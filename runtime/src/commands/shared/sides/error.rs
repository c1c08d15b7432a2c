//! Sides that cannot be compared.

use std::io;

use portolan_compiler::mode::ArtefactError;

use crate::input::read::{ALL_BYTES, ENTRIES, FILE_BYTES};
use crate::input::{Instead, unread_help};
use crate::report::{Exit, Explain};

/// Why there is no difference to show.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum DiffError {
    /// Git is not there, or cannot be started.
    #[error("cannot run git, which reads {argument}")]
    NoGit {
        /// What was to be read.
        argument: String,
        source: io::Error,
    },
    /// Git does not have it, or not as it is read here.
    #[error("git cannot read {argument}: {problem}")]
    Git {
        /// What was to be read.
        argument: String,
        problem: GitProblem,
    },
    /// No branch that changes go to.
    #[error(
        "there is no branch main or master to compare with, here or at origin, and no upstream of another name"
    )]
    NoBranch,
    /// Nothing that both have, as far as this repository knows.
    #[error("nothing that is known here is common to {branch} and what is checked out")]
    NothingCommon {
        /// The branch that changes go to.
        branch: String,
    },
    /// A revision alone, where a path is expected.
    #[error("{0} is a revision, and there is no file or folder of that name")]
    RevisionAlone(String),
    /// What git prints makes no sense.
    #[error("git's answer about {argument} makes no sense")]
    GitAnswer {
        /// What was to be read.
        argument: String,
    },
    /// A folder of Git's that holds nothing to read.
    #[error("{argument} holds no file that ends in .yaml, .yml or .json, and no MANIFEST")]
    Empty { argument: String },
    /// Folders in a folder of Git's that hold manifests and are not read.
    #[error("{argument} has folders that hold manifests too, and are not read: {folder}")]
    Unread {
        argument: String,
        /// The first of them.
        folder: String,
    },
    /// Compiled rules in a revision, without what says whose they are.
    #[error("{argument} holds {}", Instead::Rules)]
    NoManifest { argument: String },
    /// Files of a revision cannot be put down to be read.
    #[error("cannot keep the files of {argument} for a moment")]
    Keep { argument: String, source: io::Error },
    /// Something that could be two things, and whoever adds a file could choose which.
    #[error("{side} could be {}", either(readings))]
    TwoReadings {
        /// The side as it was named.
        side: String,
        /// What it could be.
        readings: Vec<Reading>,
    },
    /// Files of two kinds where no word says so: a side that was turned into something else would not
    /// be noticed.
    #[error("{} looks like {}, and {} like {}", .0.0, (.0.1).1, .1.0, (.1.1).1)]
    Unlike((String, Reading), (String, Reading)),
    /// Only manifests come through a pipe.
    #[error("only manifests can come through standard input (-)")]
    NoPipe,
    /// A word after `@` that means nothing.
    #[error("{0} is nothing that can be compared")]
    UnknownAt(String),
    /// Nothing was applied on this machine.
    #[error("this machine has no records of an apply")]
    NoRecords,
    /// A generation that this portolan does not understand.
    #[error("cannot use generation {number}")]
    Generation {
        number: u64,
        #[source]
        problem: ArtefactError,
    },
    /// A node that a side does not have.
    #[error("{side} has no node {node:?}")]
    NoNode {
        side: String,
        node: String,
        /// Nodes that it has.
        known: Vec<String>,
    },
    /// A node without a name, and several that could be it.
    #[error("{side} is one node, and the other side has {known}")]
    WhichNode {
        side: String,
        /// How many nodes the other side has.
        known: usize,
    },
    /// Manifests without a Node, and several Nodes beside them.
    #[error("{side} has no Node, and the other side has {known}")]
    LacksNodes {
        side: String,
        /// How many nodes the other side has.
        known: usize,
    },
    /// Nothing to compare, which must not read as if all were well.
    #[error("neither side has a Service")]
    NoService,
    /// Nothing in common.
    #[error("the two sides have no node in common")]
    NoCommonNode,
}

/// Something that a side could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct Reading(
    /// What says so before the rest of the argument.
    pub(in crate::commands) &'static str,
    /// What it is.
    pub(in crate::commands) &'static str,
);

fn either(readings: &[Reading]) -> String {
    let what: Vec<&str> = readings.iter().map(|Reading(_, what)| *what).collect();
    what.join(" or ")
}

/// Why git does not hand something out.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum GitProblem {
    /// It does not know it.
    #[error("there is no such revision or path")]
    Missing,
    /// A partial clone does not have all of it.
    #[error("objects of it are not in this partial clone")]
    LeftOut,
    /// It says so itself.
    #[error("{0}")]
    Says(String),
    /// It is no `REV:PATH`.
    #[error("that is no revision with a path")]
    NoRevision,
    /// Nothing is named.
    #[error("the name is empty")]
    NoName,
    /// It is a range, of which this is the first end.
    #[error("that is a range of revisions, and one revision is asked for")]
    Range(String),
    /// It is a path of this revision.
    #[error("that is a path of a revision, and a revision is asked for")]
    WithPath(String),
    /// Nothing was committed yet.
    #[error("the repository has no commit yet")]
    NoCommit,
    /// It is a submodule.
    #[error("that is a submodule: its files are in a repository of their own")]
    Module,
    /// A link leads out.
    #[error("{0} is a link that leads out of its folder")]
    LinkOut(String),
    /// A link leads where no revision has anything.
    #[error("{0} is a link that leads out of the repository")]
    LinkAway(String),
    /// A link leads nowhere, or to what a revision does not have as a file.
    #[error("{0} is a link that leads to no file there")]
    LinkLost(String),
    /// A file that is being merged.
    #[error("{0} is being merged")]
    Unmerged(String),
    /// A file is too large.
    #[error("{} is larger than {} MiB", .0, FILE_BYTES >> 20)]
    LargeFile(String),
    /// All files are too large.
    #[error("what is wanted of it is larger than {} MiB together", ALL_BYTES >> 20)]
    Large,
    /// There are too many files.
    #[error("it holds more than {ENTRIES} files")]
    Crowded,
}

impl GitProblem {
    fn exit(&self) -> Exit {
        match self {
            Self::Missing
            | Self::LeftOut
            | Self::Says(_)
            | Self::NoRevision
            | Self::NoName
            | Self::Range(_)
            | Self::WithPath(_)
            | Self::NoCommit => Exit::NoInput,
            Self::Module
            | Self::LinkOut(_)
            | Self::LinkAway(_)
            | Self::LinkLost(_)
            | Self::Unmerged(_)
            | Self::LargeFile(_)
            | Self::Large
            | Self::Crowded => Exit::Data,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Says(said) if said.contains("bare repository") => {
                "a bare repository is not looked into: run it in a checkout"
            }
            Self::Says(said) if said.contains("not a git repository") => {
                "run it within a Git repository, or name files and folders without a revision"
            }
            Self::NoName => "name the revision before the change, such as main, or leave it out",
            Self::Range(from) => {
                return format!("name the revision before the change: {from}; the other end is what is checked out");
            }
            Self::WithPath(revision) => {
                return format!("name the revision, {revision}, and what is read of it with -f");
            }
            Self::NoCommit => "commit what there is before the change",
            Self::Missing | Self::Says(_) | Self::NoRevision => {
                "name a file or folder that is there, or REV:PATH within a Git repository, with the \
                 path from its top; a shallow clone may lack the revision: git fetch --depth 1 origin REV"
            }
            Self::LeftOut => {
                "fetch what the clone left out: git fetch --refetch --no-filter origin; or check the \
                 revision out and name its folder"
            }
            Self::Module => {
                "check the revision out with its submodules, and name its folder"
            }
            Self::LinkOut(_) => {
                "pass --follow-links to follow it within the repository, or put the file itself there"
            }
            Self::LinkAway(_) => {
                "no revision has what is there: put it into the repository, or check the revision out and \
                 name its folder; --exclude leaves the link out"
            }
            Self::LinkLost(_) => {
                "put the file itself there, or leave the link out with --exclude"
            }
            Self::Unmerged(_) => "finish the merge, and add the file",
            Self::LargeFile(_) | Self::Large | Self::Crowded => {
                "name the folder in it that holds the manifests"
            }
        }
        .to_owned()
    }
}

impl Explain for DiffError {
    fn exit(&self) -> Exit {
        match self {
            Self::NoGit { .. } => Exit::Unavailable,
            Self::Git { problem, .. } => problem.exit(),
            Self::Empty { .. }
            | Self::Unread { .. }
            | Self::NoService
            | Self::NoManifest { .. }
            | Self::NoRecords
            | Self::NoBranch
            | Self::NothingCommon { .. }
            | Self::RevisionAlone(_)
            | Self::NoNode { .. } => Exit::NoInput,
            Self::GitAnswer { .. } | Self::Keep { .. } => Exit::Io,
            Self::UnknownAt(_)
            | Self::WhichNode { .. }
            | Self::LacksNodes { .. }
            | Self::TwoReadings { .. }
            | Self::Unlike(..)
            | Self::NoPipe => Exit::Usage,
            Self::Generation { .. } | Self::NoCommonNode => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NoGit { .. } => {
                Some("install git, or check the revision out and name its folder".to_owned())
            }
            Self::Git { problem, .. } => Some(problem.help()),
            Self::TwoReadings { side, readings } => {
                let spellings = readings
                    .iter()
                    .map(|Reading(prefix, _)| format!("{prefix}{side}"));
                Some(format!(
                    "say which: {}",
                    spellings.collect::<Vec<_>>().join(", or ")
                ))
            }
            Self::Unlike(old, new) => {
                let word =
                    |(side, Reading(prefix, _)): &(String, Reading)| format!("{prefix}{side}");
                Some(format!(
                    "if that is what they are to be, say so: {} {}",
                    word(old),
                    word(new)
                ))
            }
            Self::NoBranch => Some(
                "name the revision before the change: `portolan review origin/trunk`; a clone of one branch or a \
                 shallow one may lack it: git fetch --unshallow origin +refs/heads/*:refs/remotes/origin/*"
                    .to_owned(),
            ),
            Self::NothingCommon { branch } => Some(format!(
                "a shallow clone lacks what is common: git fetch --unshallow origin; or name a revision, \
                 `portolan review {branch}`, which is then compared as it is"
            )),
            Self::RevisionAlone(name) => Some(format!("name a path of it: {name}:PATH")),
            Self::NoPipe => Some("name the folder that holds it".to_owned()),
            Self::NoManifest { .. } => Some(Instead::Rules.help()),
            Self::Empty { .. } => {
                Some("name a folder of manifests, or add -R to read the folders in it".to_owned())
            }
            Self::Unread { folder, .. } => Some(unread_help(folder)),
            Self::NoService => Some(
                "check what is named: -R reads folders in folders, and what kustomize or Helm would make of it has \
                 to be made first"
                    .to_owned(),
            ),
            Self::UnknownAt(_) => {
                Some("use @live, @current, a generation such as @3, or @nothing".to_owned())
            }
            Self::NoRecords => {
                Some("use @live, or --state-dir if the records are elsewhere".to_owned())
            }
            Self::NoNode { known, .. } => {
                let known: Vec<&str> = known.iter().take(5).map(String::as_str).collect();
                Some(format!("it has: {}", known.join(", ")))
            }
            Self::WhichNode { .. } => Some("pass --node to say which of them it is".to_owned()),
            Self::LacksNodes { .. } => Some(
                "add the Nodes to it (kubectl get nodes -o yaml), or pass --node to look from one of the other side's".to_owned(),
            ),
            Self::NoCommonNode => Some("check that both are of one cluster".to_owned()),
            Self::Generation { .. } => Some("use another: `portolan history`".to_owned()),
            Self::GitAnswer { .. } | Self::Keep { .. } => None,
        }
    }
}
