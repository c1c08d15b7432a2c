//! Virtual servers and destinations, as far as kube-proxy uses them: masquerading only, no firewall
//! marks, no thresholds.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::Scheduler;
use crate::model::{Port, TransportAddress};
use crate::source::Origins;

/// Whether a client keeps its destination (`IP_VS_SVC_F_PERSISTENT`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persistence {
    /// It does not.
    #[default]
    None,
    /// It does, for this many seconds of silence.
    Timeout(u32),
}

/// A virtual server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualServer {
    /// Protocol, address and port.
    pub key: TransportAddress,
    /// Scheduler, with its flags: kube-proxy sets `mh-port` with `mh` and nothing else.
    pub scheduler: Scheduler,
    /// Whether a client stays at one destination, and how long (`-p`).
    pub persistence: Persistence,
    /// Destinations, sorted by address and port.
    pub destinations: Vec<Destination>,
    /// Where it comes from.
    pub origins: Origins,
}

/// A destination: a real server reached by masquerading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// Address of the endpoint, of the virtual server's family.
    pub address: IpAddr,
    /// The endpoint's port, which may be another than the virtual server's.
    pub port: Port,
    /// Weight: 1 for an endpoint in use, 0 for one that drains.
    pub weight: u32,
    /// Where it comes from.
    pub origins: Origins,
}

/// A destination, by the virtual server it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DestinationKey {
    /// The virtual server.
    pub server: TransportAddress,
    /// Address of the destination.
    pub address: IpAddr,
    /// Port of the destination.
    pub port: Port,
}

impl fmt::Display for DestinationKey {
    /// `10.96.0.1:443/TCP -> 10.0.0.5:6443`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let destination = SocketAddr::new(self.address, self.port.get());
        write!(f, "{} -> {destination}", self.server)
    }
}

/// How many connections destinations carry: for TCP and SCTP those that are established, for UDP
/// those that are remembered.
pub type Connections = BTreeMap<DestinationKey, u64>;
