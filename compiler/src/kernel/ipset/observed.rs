//! Sets as they were found, other software's among them.

use super::Set;

/// The sets of a node or a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// Sets that our types hold in full, in the order they were found, entries sorted.
    pub sets: Vec<Set>,
    /// All others, in the order they were found.
    pub foreign: Vec<Foreign>,
}

/// A set of a type, with an option or with an entry that our types do not know. It may have the
/// name of one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Name, which need not be a [`super::SetName`].
    pub name: Box<str>,
    /// Its `create` line and its `add` lines, as they were found.
    pub lines: Vec<Box<str>>,
}
