//! Settings of mode iptables that the IR does not have.

use crate::mode::masquerade::CURRENT_IPTABLES;
use crate::model::config::{Config, LocalhostNodePorts};
use crate::model::{Facts, Release};

/// Settings of mode iptables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether 127.0.0.1 serves node ports, where `nodePortAddresses` takes it in.
    pub localhost_node_ports: LocalhostNodePorts,
    /// iptables programs of the node.
    pub iptables: Release,
}

impl Options {
    /// The settings of one node.
    pub fn new(config: &Config, facts: Option<&Facts>) -> Self {
        Self {
            localhost_node_ports: config.localhost_node_ports,
            iptables: facts
                .and_then(|facts| facts.iptables)
                .unwrap_or(CURRENT_IPTABLES),
        }
    }
}
