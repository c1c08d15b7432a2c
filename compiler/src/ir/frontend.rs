//! Addresses and ports at which clients reach a service port.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::Port;
use crate::model::service::{Sourced, TrafficPolicy};
use crate::source::Origin;

/// One way to reach a service port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontend {
    /// Address, or the node's addresses.
    pub kind: FrontendKind,
    /// `port` of the Service, or its `nodePort` where the kind is one.
    pub port: Port,
    /// Which pool serves it.
    pub policy: TrafficPolicy,
    /// Where it comes from.
    pub origin: Origin,
}

/// What a frontend listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrontendKind {
    /// The cluster IP. The sender's address stays, unless the sender is no pod of the node.
    ClusterIp(IpAddr),
    /// An external IP. The sender's address stays with policy Local only.
    ExternalIp(IpAddr),
    /// A load balancer's address. The sender's address stays with policy Local only.
    LoadBalancer(IpAddr, SourceFilter),
    /// The node's addresses as [`super::Node::node_port_scope`] says. The sender's address stays
    /// with policy Local only.
    NodePort,
}

impl FrontendKind {
    /// The address, where it is not the node's.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::ClusterIp(address)
            | Self::ExternalIp(address)
            | Self::LoadBalancer(address, _) => Some(*address),
            Self::NodePort => None,
        }
    }
}

/// Who may use a load balancer's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceFilter {
    /// Everyone: no ranges are given, or one of them is `/0`.
    Everyone,
    /// Senders in these ranges, of the frontend's family, in the manifest's order; never `/0`.
    Ranges {
        /// The ranges, host bits cleared.
        ranges: Vec<Sourced<IpNet>>,
        /// Whether the node itself may.
        node: NodeAccess,
    },
}

/// Whether the node's own address lies in a source range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeAccess {
    /// It does: the node may use the address too.
    Allowed,
    /// It does not.
    Denied,
}
