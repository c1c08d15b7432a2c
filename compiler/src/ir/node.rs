//! The node itself, and how it treats senders' addresses.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Ranges;
use crate::model::IpFamily;
use crate::model::name::{InterfaceName, NodeName};

/// The node a program is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The node, as its Node object names it.
    pub name: NodeName,
    /// Addresses of its interfaces, loopback and what the proxy itself binds left out; sorted.
    pub addresses: Vec<IpAddr>,
    /// Its primary address by family, as far as known: that which the proxy binds, or else what the
    /// Node names first.
    pub primary: [Option<IpAddr>; 2],
    /// Which of its addresses serve node ports, by family.
    pub node_port_scope: [NodePortScope; 2],
}

impl Node {
    /// Which addresses of a family serve node ports.
    pub fn node_port_scope(&self, family: IpFamily) -> &NodePortScope {
        &self.node_port_scope[family as usize]
    }

    /// Its primary address of a family.
    pub fn primary_address(&self, family: IpFamily) -> Option<IpAddr> {
        self.primary[family as usize]
    }
}

/// Which of a node's addresses serve node ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodePortScope {
    /// Whatever the mode serves by default.
    Default,
    /// All of the family: a configured range is `/0`.
    All,
    /// Those in these ranges.
    Ranges(Ranges),
}

/// How senders' addresses are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masquerading {
    /// Bit of the packet mark that asks for it, 0 to 31.
    pub mark_bit: u8,
    /// Whether it applies to everything sent to a cluster IP.
    pub all: MasqueradeAll,
    /// How local traffic is told from other traffic, by family.
    pub local_traffic: [LocalTraffic; 2],
}

impl Masquerading {
    /// The bit as a mark.
    pub fn mark(&self) -> u32 {
        1 << self.mark_bit
    }

    /// How local traffic of a family is told from other traffic.
    pub fn local_traffic(&self, family: IpFamily) -> &LocalTraffic {
        &self.local_traffic[family as usize]
    }
}

pub use crate::model::config::MasqueradeAll;

/// What marks a packet as a local pod's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalTraffic {
    /// Nothing: local traffic cannot be told apart.
    Unknown,
    /// Its source lies in a range.
    Source(IpNet),
    /// It comes in through an interface.
    Interface(InterfaceName),
    /// It comes in through an interface that starts so.
    InterfacePrefix(InterfaceName),
}
