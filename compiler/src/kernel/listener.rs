//! Where clients connect to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::model::{IpFamily, NotATransportAddress, Port, Protocol, TransportAddress};

/// What clients of Services connect to on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listener {
    /// An address and a port.
    Address(TransportAddress),
    /// A port of whichever of the node's addresses serve node ports.
    NodePort(IpFamily, Protocol, Port),
}

impl FromStr for Listener {
    type Err = NotATransportAddress;

    /// Reads what [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, NotATransportAddress> {
        let key: TransportAddress = text.parse()?;
        Ok(if key.address.is_unspecified() {
            Self::NodePort(IpFamily::of(key.address), key.protocol, key.port)
        } else {
            Self::Address(key)
        })
    }
}

impl Listener {
    /// Transport protocol that it takes.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Address(key) => key.protocol,
            Self::NodePort(_, protocol, _) => protocol,
        }
    }

    /// Port that it takes, at its address or the node's.
    pub fn port(self) -> Port {
        match self {
            Self::Address(key) => key.port,
            Self::NodePort(_, _, port) => port,
        }
    }

    /// Family of the addresses that it takes packets at.
    pub fn family(self) -> IpFamily {
        match self {
            Self::Address(key) => IpFamily::of(key.address),
            Self::NodePort(family, ..) => family,
        }
    }
}

impl fmt::Display for Listener {
    /// `10.96.0.1:53/UDP`; of a node port the unspecified address, as for a socket that listens on
    /// all: `0.0.0.0:30053/UDP`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match *self {
            Self::Address(key) => key,
            Self::NodePort(family, protocol, port) => TransportAddress {
                protocol,
                address: match family {
                    IpFamily::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                    IpFamily::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
                },
                port,
            },
        };
        key.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_survive_their_text() {
        for (text, node_port) in [
            ("10.96.0.10:53/UDP", false),
            ("[fd00::a]:53/UDP", false),
            ("0.0.0.0:30053/UDP", true),
            ("[::]:30053/TCP", true),
        ] {
            let listener: Listener = text.parse().unwrap();
            assert_eq!(listener.to_string(), text);
            assert_eq!(matches!(listener, Listener::NodePort(..)), node_port);
        }
        assert!("10.96.0.10:53".parse::<Listener>().is_err());
    }
}
