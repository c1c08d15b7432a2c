//! Virtual servers and destinations, as far as kube-proxy uses them: masquerading only, no firewall
//! marks, no thresholds.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::Scheduler;
use crate::kernel::ipset::IpPort;
use crate::model::{IpFamily, Port, Protocol};
use crate::source::Origins;

/// What identifies a virtual server. Ordered by family, protocol, address, port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VirtualServerKey {
    /// Protocol.
    pub protocol: Protocol,
    /// Address.
    pub address: IpAddr,
    /// Port.
    pub port: Port,
}

impl VirtualServerKey {
    /// Reads what [`fmt::Display`] writes; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (endpoint, protocol) = text.rsplit_once('/')?;
        let endpoint: SocketAddr = endpoint.parse().ok()?;
        let key = Self {
            protocol: protocol.parse().ok()?,
            address: endpoint.ip(),
            port: Port::new(endpoint.port())?,
        };
        (key.to_string() == text).then_some(key)
    }

    fn order(&self) -> (IpFamily, Protocol, IpAddr, Port) {
        (
            IpFamily::of(self.address),
            self.protocol,
            self.address,
            self.port,
        )
    }
}

impl From<IpPort> for VirtualServerKey {
    fn from(key: IpPort) -> Self {
        Self {
            protocol: key.protocol,
            address: key.address,
            port: key.port,
        }
    }
}

impl PartialOrd for VirtualServerKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for VirtualServerKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl fmt::Display for VirtualServerKey {
    /// `10.96.0.1:443/TCP`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}",
            SocketAddr::new(self.address, self.port.get()),
            self.protocol
        )
    }
}

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
    pub key: VirtualServerKey,
    /// Scheduler, with its flags: kube-proxy sets `mh-port` with `mh` and nothing else.
    pub scheduler: Scheduler,
    /// Session affinity.
    pub persistence: Persistence,
    /// Destinations, sorted by address and port.
    pub destinations: Vec<Destination>,
    /// Where it comes from.
    pub origins: Origins,
}

/// A destination: a real server reached by masquerading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// Address.
    pub address: IpAddr,
    /// Port.
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
    pub server: VirtualServerKey,
    /// Address.
    pub address: IpAddr,
    /// Port.
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
