//! What mode nftables keeps on one node.

use super::Table;

/// Everything that mode nftables keeps in a node's kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeState {
    /// Modules that the rules need, sorted.
    pub modules: Vec<&'static str>,
    /// The tables, IPv4's first.
    pub tables: [Table; 2],
}
