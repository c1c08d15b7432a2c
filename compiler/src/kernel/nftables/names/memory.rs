//! What remembers the endpoints of clients, and how it is named.
//!
//! Rules cannot look up who a frontend belongs to and, by that, whom a client had there: nft has no
//! lookup within another. So what remembers is one map for each Service port that keeps its clients,
//! found by the frontends' chains; kube-proxy has a set for each endpoint of each.

use std::fmt;
use std::net::IpAddr;

use crate::model::service::TrafficPolicy;
use crate::model::{ByAddress, Port, Protocol, TransportAddress};

/// A Service port that keeps its clients, by its cluster IP, which no other has. Written without
/// colons, which nft takes in no name: `10.96.0.10/tcp/80`, `fd00_10_96__a/tcp/80`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortName(pub ByAddress);

impl PortName {
    /// The Service port with this name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let address: IpAddr = parts.next()?.replace('_', ":").parse().ok()?;
        let protocol = parts.next()?;
        let protocol = Protocol::from_lower(protocol)?;
        let port = parts.next()?.parse().ok().and_then(Port::new)?;
        let name = Self(ByAddress(TransportAddress {
            address,
            protocol,
            port,
        }));
        // Written in one way only.
        (name.to_string() == text).then_some(name)
    }
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ByAddress(TransportAddress {
            address,
            protocol,
            port,
        })) = self;
        let address = address.to_string().replace(':', "_");
        write!(f, "{address}/{}/{port}", protocol.lower())
    }
}

/// What remembers which endpoint each client of a Service port has: one thing for all of its frontends
/// that choose from the same endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// The Service port.
    pub port: PortName,
    /// The traffic policy whose endpoints it has: who comes by policy Local is not to be sent to the
    /// endpoint of another node that it had by policy Cluster.
    pub policy: TrafficPolicy,
}

impl Memory {
    /// What stands before the names of what belongs to it.
    pub(super) fn prefix(self) -> &'static str {
        match self.policy {
            TrafficPolicy::Cluster => "",
            TrafficPolicy::Local => LOCAL,
        }
    }

    /// The policy that a name says, and the rest of the name.
    pub(super) fn policy(text: &str) -> (TrafficPolicy, &str) {
        match text.strip_prefix(LOCAL) {
            Some(rest) => (TrafficPolicy::Local, rest),
            None => (TrafficPolicy::Cluster, text),
        }
    }
}

const LOCAL: &str = "local-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_named_in_one_way() {
        for text in [
            "10.96.0.10/tcp/80",
            "fd00_10_96__a/udp/53",
            "__1/sctp/65535",
        ] {
            let name = PortName::parse(text);
            assert_eq!(name.map(|name| name.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "10.96.0.10/tcp",
            "10.96.0.10/tcp/0",
            "10.96.0.10/tcp/080",
            "10.96.0.10/TCP/80",
            "10.96.0.10/tcp/80/",
            "fd00:10:96::a/tcp/80",
            "fd00_0__a/tcp/80",
        ] {
            assert_eq!(PortName::parse(text), None, "{text}");
        }
    }
}
