//! Sides that cannot be compared.

use std::io;

use portolan_compiler::back::ArtefactError;

use crate::cli::{Exit, Explain};

/// Why there is no difference to show.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum DiffError {
    /// Git is not there, or cannot be started.
    #[error("cannot run git, which reads {argument}")]
    NoGit {
        /// What was to be read.
        argument: String,
        /// Why not.
        source: io::Error,
    },
    /// Git does not know it.
    #[error("git cannot read {argument}: {message}")]
    Git {
        /// What was to be read.
        argument: String,
        /// What it says.
        message: String,
    },
    /// What git prints makes no sense.
    #[error("git's answer about {argument} makes no sense")]
    GitAnswer {
        /// What was to be read.
        argument: String,
    },
    /// A folder of Git's that holds nothing to read.
    #[error("{argument} holds no file that ends in .yaml, .yml or .json, and no MANIFEST")]
    Empty {
        /// Which.
        argument: String,
    },
    /// Files of a revision cannot be put down to be read.
    #[error("cannot keep the files of {argument} for a moment")]
    Keep {
        /// Which.
        argument: String,
        /// Why not.
        source: io::Error,
    },
    /// A word after `@` that means nothing.
    #[error("{0} is nothing that can be compared")]
    UnknownAt(String),
    /// Nothing was applied on this machine.
    #[error("this machine has no records of an apply")]
    NoRecords,
    /// A generation that this portolan does not understand.
    #[error("cannot use generation {number}")]
    Generation {
        /// Its number.
        number: u64,
        /// Why not.
        #[source]
        problem: ArtefactError,
    },
    /// A node that a side does not have.
    #[error("{side} has no node {node:?}")]
    NoNode {
        /// The side.
        side: String,
        /// The node.
        node: String,
        /// Nodes that it has.
        known: Vec<String>,
    },
    /// A node without a name, and several that could be it.
    #[error("{side} is one node, and the other side has {known}")]
    WhichNode {
        /// The side.
        side: String,
        /// How many nodes the other side has.
        known: usize,
    },
    /// Nothing in common.
    #[error("the two sides have no node in common")]
    NoCommonNode,
}

impl Explain for DiffError {
    fn exit(&self) -> Exit {
        match self {
            Self::NoGit { .. } => Exit::Unavailable,
            Self::Git { .. } | Self::Empty { .. } | Self::NoRecords | Self::NoNode { .. } => {
                Exit::NoInput
            }
            Self::GitAnswer { .. } | Self::Keep { .. } => Exit::Io,
            Self::UnknownAt(_) | Self::WhichNode { .. } => Exit::Usage,
            Self::Generation { .. } | Self::NoCommonNode => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NoGit { .. } => Some("install git, or check the revision out and name its folder".to_owned()),
            Self::Git { .. } => Some(
                "name a file or folder that is there, or REV:PATH within a Git repository, with the \
                 path from its top; a shallow clone may lack the revision: git fetch --depth 1 origin REV"
                    .to_owned(),
            ),
            Self::Empty { .. } => Some("name a folder of manifests, or add -R to read the folders in it".to_owned()),
            Self::UnknownAt(_) => Some("use @live, @current, a generation such as @3, or @nothing".to_owned()),
            Self::NoRecords => Some("use @live, or --state-dir if the records are elsewhere".to_owned()),
            Self::NoNode { known, .. } => {
                let known: Vec<&str> = known.iter().take(5).map(String::as_str).collect();
                Some(format!("it has: {}", known.join(", ")))
            }
            Self::WhichNode { .. } => Some("pass --node to say which of them it is".to_owned()),
            Self::NoCommonNode => Some("check that both are of one cluster".to_owned()),
            Self::Generation { .. } => Some("use another: `portolan history`".to_owned()),
            Self::GitAnswer { .. } | Self::Keep { .. } => None,
        }
    }
}
