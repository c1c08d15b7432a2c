//! Where something listens: address, protocol and port in one.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::str::FromStr;

use super::{IpFamily, Port, Protocol};

/// Address, protocol and port (a transport address, RFC 8445). Ordered by family, protocol, address,
/// port, as virtual servers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransportAddress {
    /// Address of either family, which decides the virtual server's.
    pub address: IpAddr,
    /// Transport protocol: TCP and UDP of one port are two addresses.
    pub protocol: Protocol,
    /// Port at that address, never 0.
    pub port: Port,
}

impl TransportAddress {
    fn order(&self) -> (IpFamily, Protocol, IpAddr, Port) {
        (
            IpFamily::of(self.address),
            self.protocol,
            self.address,
            self.port,
        )
    }
}

impl PartialOrd for TransportAddress {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TransportAddress {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl fmt::Display for TransportAddress {
    /// As error messages and reports name it: `10.96.0.1:443/TCP`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}",
            SocketAddr::new(self.address, self.port.get()),
            self.protocol
        )
    }
}

/// Text that is no address with port and protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an address, a port and a protocol, such as 10.96.0.1:443/TCP")]
pub struct NotATransportAddress;

impl FromStr for TransportAddress {
    type Err = NotATransportAddress;

    /// Reads what [`fmt::Display`] writes, and no other spelling of it.
    fn from_str(text: &str) -> Result<Self, NotATransportAddress> {
        let read = || {
            let (endpoint, protocol) = text.rsplit_once('/')?;
            let endpoint: SocketAddr = endpoint.parse().ok()?;
            let key = Self {
                address: endpoint.ip(),
                protocol: protocol.parse().ok()?,
                port: Port::new(endpoint.port())?,
            };
            (key.to_string() == text).then_some(key)
        };
        read().ok_or(NotATransportAddress)
    }
}

/// The same, ordered by address, protocol, port, as keys of sets and maps are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByAddress(pub TransportAddress);

impl ByAddress {
    fn order(&self) -> (IpAddr, Protocol, Port) {
        (self.0.address, self.0.protocol, self.0.port)
    }
}

impl PartialOrd for ByAddress {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByAddress {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl Deref for ByAddress {
    type Target = TransportAddress;

    fn deref(&self) -> &TransportAddress {
        &self.0
    }
}
