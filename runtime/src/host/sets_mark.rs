//! What tells whether sets changed.

use std::collections::BTreeMap;

/// The kernel's own account of all sets, without what changes by itself. Two that are equal mean
/// that nothing changed; nothing else can be read from them.
///
/// `ipset save` looks up the name of every entry's protocol in a file, which makes it the slowest of
/// the tools by far. So it runs once, between two of these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetsMark {
    pub(super) sets: BTreeMap<Vec<u8>, SetMark>,
}

/// The account of one set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SetMark {
    pub(super) header: Vec<u8>,
    /// Whether entries go away by themselves.
    pub(super) timed: bool,
    /// Its entries, sorted; none where entries go away by themselves.
    pub(super) entries: Vec<Vec<u8>>,
}
