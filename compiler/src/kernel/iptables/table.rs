//! Tables, chains, and the jumps into them.

use super::rule::{ChainName, Rule};

closed_set! {
    /// The tables kube-proxy uses, in the order they are written.
    pub enum TableName {
        /// Address translation: finds endpoints and masquerades.
        Nat = "nat",
        /// Packet filter: refuses what has no endpoint.
        Filter = "filter",
        /// Changes to packets. Only ever has an empty chain, by which kube-proxy notices that somebody
        /// flushed everything.
        Mangle = "mangle",
    }
}

impl TableName {
    /// The tables that have rules.
    pub const WITH_RULES: [Self; 2] = [Self::Nat, Self::Filter];
}

/// A chain of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Name of the chain, within its table.
    pub name: ChainName,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
}

/// A rule in one of the kernel's own chains that leads into a chain of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jump {
    /// The kernel's chain.
    pub from: ChainName,
    /// What leads into our chain, with what it asks of packets.
    pub rule: Rule,
}

/// A table: what is ours of it, whatever else the node has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Which of kube-proxy's tables it is.
    pub name: TableName,
    /// Chains of our own, sorted by name.
    pub chains: Vec<Chain>,
    /// Jumps, chain by chain, in the order they stand there from the top.
    pub jumps: Vec<Jump>,
}

/// What a mode has in a table whatever the Services: its fixed chains, and the jumps into them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The table that the chains and jumps are in.
    pub table: TableName,
    /// Names of the chains.
    pub chains: Vec<ChainName>,
    /// Jumps, chain by chain.
    pub jumps: Vec<Jump>,
}

/// All tables of one family.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruleset {
    /// Tables, sorted by name.
    pub tables: Vec<Table>,
}
