//! Who answers where, read off a node's rules: the same question to every mode.

use std::collections::{BTreeMap, BTreeSet};
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

closed_set! {
    /// What an address is to its Service.
    pub enum ListenerKind {
        /// Its cluster IP.
        ClusterIp = "cluster IP",
        /// An external IP.
        ExternalIp = "external IP",
        /// An address of its load balancer.
        LoadBalancer = "load balancer",
        /// A port of the node.
        NodePort = "node port",
    }
}
