//! What mode iptables keeps on one node.

use crate::back::iptables::Ruleset;
use crate::back::sysctl::Sysctl;

/// Everything that mode iptables keeps in a node's kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeState {
    /// Modules that the rules need, sorted.
    pub modules: Vec<&'static str>,
    /// Kernel settings.
    pub sysctls: Vec<Sysctl>,
    /// iptables rules.
    pub iptables: Ruleset,
    /// ip6tables rules.
    pub ip6tables: Ruleset,
}
