//! Who answers where, read off a node's rules: the same question to every mode.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;

use ipnet::IpNet;

use crate::kernel::Listener;
use crate::kernel::ipvs::Persistence;
use crate::model::service::TrafficPolicy;

/// Who may answer, by what clients connect to.
pub type Served = BTreeMap<Listener, Answer>;

/// What clients find where they connect to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// What the address is to its Service, as far as the rules say so.
    pub kind: Option<ListenerKind>,
    /// Endpoints that may answer to somebody; with none it is refused, or silent.
    pub endpoints: BTreeSet<SocketAddr>,
    /// Endpoints that may answer to clients outside.
    pub outside: BTreeSet<SocketAddr>,
    /// Which endpoints these are, as far as the rules say so.
    pub policy: Option<TrafficPolicy>,
    /// Whether clients keep their endpoint.
    pub affinity: Persistence,
    /// The only senders that may connect, if not everyone may.
    pub sources: Option<BTreeSet<IpNet>>,
}

/// What an address is to its Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListenerKind {
    /// Its cluster IP.
    ClusterIp,
    /// An external IP.
    ExternalIp,
    /// An address of its load balancer.
    LoadBalancer,
    /// A port of the node.
    NodePort,
}

impl fmt::Display for ListenerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClusterIp => "cluster IP",
            Self::ExternalIp => "external IP",
            Self::LoadBalancer => "load balancer",
            Self::NodePort => "node port",
        })
    }
}
