//! Where artefacts go: into a folder, against a folder, or to a pipe.
//!
//! A sink is handed one node after the other, so that the artefacts of a large cluster are never in
//! memory all at once.

mod check;
mod diff;
mod error;
mod folder;
mod put;
mod rules;
mod stream;
mod write;

use std::fmt;

use portolan_compiler::bundle::{Manifest, NodeArtefacts};
use portolan_compiler::model::name::NodeName;

use crate::report::Output;

pub(crate) use check::Differences;
pub use check::{Check, Extent};
pub(crate) use diff::{Content, unified};
pub use error::OutError;
pub use folder::Folder;
pub(crate) use put::put;
pub(crate) use rules::choose;
pub use rules::{NodeRules, RulesError};
pub use stream::Stream;
pub use write::Write;

/// The artefacts of one node, and their source map if one is asked for.
#[derive(Debug)]
pub struct NodeOutput {
    /// The node's files, in order.
    pub artefacts: NodeArtefacts,
    /// JSON beside them, outside MANIFEST.
    pub source_map: Option<String>,
}

/// Takes what a run makes.
pub trait Sink {
    /// Takes one node's artefacts, which the MANIFEST has already.
    ///
    /// # Errors
    /// Where they cannot be written or compared.
    fn node(
        &mut self,
        output: &NodeOutput,
        manifest: &Manifest,
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError>;

    /// Takes the MANIFEST with all nodes, which ends the run.
    ///
    /// # Errors
    /// Where it cannot be written or compared.
    fn finish(&mut self, manifest: &Manifest, stdout: &mut Output<'_>) -> Result<Tally, OutError>;
}

/// Which nodes of a folder a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All: nodes that it does not make are gone.
    Folder,
    /// Those that it makes: the others' files are somebody else's.
    Nodes,
}

impl Scope {
    /// Whether a run that makes these nodes is about one.
    fn covers(self, node: &NodeName, made: &Manifest) -> bool {
        self == Self::Folder || made.nodes.contains_key(node)
    }
}

/// What became of a run's artefacts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Files that changed, or would.
    pub changed: usize,
    /// Files that are as they were.
    pub unchanged: usize,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is new.
    Added,
    /// Its content changes.
    Modified,
    /// It is removed, as it is wanted no more.
    Deleted,
}

impl fmt::Display for Change {
    /// A letter, as version control writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "A",
            Self::Modified => "M",
            Self::Deleted => "D",
        })
    }
}
