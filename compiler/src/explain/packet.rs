//! Packets: what is asked about, and what becomes of them on their way.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use super::path::{Assumption, Source};
use crate::model::address::parse_ip;
use crate::model::name::InterfaceName;
use crate::model::{Port, Protocol, TransportAddress};

/// The first packet of a connection, or an echo request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Where it comes from.
    pub arrival: Arrival,
    /// Where it goes.
    pub to: Destination,
}

/// Where a packet comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// From outside or from a pod.
    Interface {
        /// The sender's address.
        from: IpAddr,
        /// The interface it comes in through; `None` where nobody says.
        interface: Option<InterfaceName>,
    },
    /// From a program on the node, or in a pod of the host's network.
    Node {
        /// The address it was bound to; `None` for whichever routing gives it.
        from: Option<IpAddr>,
    },
}

/// Where a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// Address that the sender asked, before any translation.
    pub address: IpAddr,
    /// What it asks for there.
    pub asks: Asks,
}

/// What a packet asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asks {
    /// A port, of a transport protocol.
    Port(Protocol, Port),
    /// An echo: what ping sends, ICMP or `ICMPv6`.
    Echo,
}

impl Destination {
    /// Address and port, where it is one.
    pub fn socket(self) -> Option<SocketAddr> {
        let asked = self.server();
        asked.map(|asked| SocketAddr::new(asked.address, asked.port.get()))
    }

    /// What is asked, as a virtual server would be named for it.
    pub(super) fn server(self) -> Option<TransportAddress> {
        match self.asks {
            Asks::Port(protocol, port) => Some(TransportAddress {
                protocol,
                address: self.address,
                port,
            }),
            Asks::Echo => None,
        }
    }

    /// The protocol, of those that Services have.
    pub(super) fn protocol(self) -> Option<Protocol> {
        self.server().map(|asked| asked.protocol)
    }
}

/// How an echo is asked for.
const ECHO: &str = "ping";

impl fmt::Display for Destination {
    /// `10.96.0.10:53/UDP`, or `10.96.0.10/ping`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.server() {
            Some(server) => server.fmt(f),
            None => write!(f, "{}/{ECHO}", self.address),
        }
    }
}

/// Text that is no destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an address, a port and a protocol, such as 10.96.0.10:53/udp or [fd00::a]:53/udp, \
     10.96.0.10/ping, or a Service and its port, such as shop/cart:http"
)]
pub struct NotADestination;

impl FromStr for Destination {
    type Err = NotADestination;

    /// Reads `10.96.0.10:53/udp`, in capitals or not, TCP where no protocol is named; and
    /// `10.96.0.10/ping`.
    fn from_str(text: &str) -> Result<Self, NotADestination> {
        let (socket, protocol) = match text.split_once('/') {
            Some((address, word)) if word.eq_ignore_ascii_case(ECHO) => {
                let bare = without_brackets(address);
                let address = parse_ip(bare.unwrap_or(address)).map_err(|_| NotADestination)?;
                if address.is_ipv4() && bare.is_some() {
                    return Err(NotADestination);
                }
                let asks = Asks::Echo;
                return Ok(Self { address, asks });
            }
            Some((socket, protocol)) => {
                let protocol = protocol.to_ascii_uppercase();
                (socket, protocol.parse().map_err(|_| NotADestination)?)
            }
            None => (text, Protocol::Tcp),
        };
        let (address, port) = socket.rsplit_once(':').ok_or(NotADestination)?;
        let bare = without_brackets(address);
        let address = parse_ip(bare.unwrap_or(address)).map_err(|_| NotADestination)?;
        // Without brackets nobody could tell where an IPv6 address ends.
        if address.is_ipv6() != bare.is_some() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotADestination);
        }
        let port = port.parse().ok().and_then(Port::new);
        Ok(Self {
            address,
            asks: Asks::Port(protocol, port.ok_or(NotADestination)?),
        })
    }
}

/// What stands in brackets, where all does.
fn without_brackets(text: &str) -> Option<&str> {
    text.strip_prefix('[')?.strip_suffix(']')
}

/// The interface that a packet came in through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Incoming {
    /// None: the node sends it.
    None,
    Named(InterfaceName),
    /// One that nobody named.
    Unknown,
}

/// Whether address translation has decided on an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Translation {
    /// It is still to be asked.
    Open,
    /// It was, and left the address alone.
    Left,
    /// It gave another.
    Changed,
}

/// A packet on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) source: IpAddr,
    pub(super) to: Destination,
    /// Before any translation.
    pub(super) original: Destination,
    pub(super) incoming: Incoming,
    pub(super) mark: u32,
    pub(super) destination_translation: Translation,
    pub(super) source_translation: Translation,
    /// The virtual server that its connection belongs to.
    pub(super) server: Option<TransportAddress>,
}

impl Packet {
    pub(super) fn new(source: IpAddr, to: Destination, incoming: Incoming) -> Self {
        Self {
            source,
            to,
            original: to,
            incoming,
            mark: 0,
            destination_translation: Translation::Open,
            source_translation: Translation::Open,
            server: None,
        }
    }

    /// Sends it on to an endpoint. Endpoints never have port 0.
    pub(super) fn send_to(&mut self, endpoint: SocketAddr) {
        self.to.address = endpoint.ip();
        if let (Asks::Port(_, port), Some(other)) = (&mut self.to.asks, Port::new(endpoint.port()))
        {
            *port = other;
        }
    }

    /// The endpoint that it goes to, where a Service took it.
    pub(super) fn endpoint(&self) -> Option<SocketAddr> {
        let taken = self.destination_translation == Translation::Changed || self.server.is_some();
        self.to.socket().filter(|_| taken)
    }

    /// Whose address the receiver sees.
    pub(super) fn seen_source(&self) -> Source {
        match self.source_translation {
            Translation::Changed => Source::Masqueraded,
            Translation::Open | Translation::Left => Source::Kept,
        }
    }

    /// What the node sends to itself comes in through lo.
    pub(super) fn come_in_through_lo(&mut self) {
        self.incoming = InterfaceName::parse("lo").map_or(Incoming::Unknown, Incoming::Named);
    }

    /// Takes for granted what was not known.
    pub(super) fn assume(&mut self, assumption: &Assumption) {
        if let Assumption::Interface(name) = assumption {
            self.incoming = Incoming::Named(name.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_read_and_written() {
        for (text, expected) in [
            ("10.96.0.10:53/udp", Some("10.96.0.10:53/UDP")),
            ("10.96.0.10:53/UDP", Some("10.96.0.10:53/UDP")),
            ("10.96.0.10:80", Some("10.96.0.10:80/TCP")),
            ("[fd00::a]:53/sctp", Some("[fd00::a]:53/SCTP")),
            ("10.96.0.10/ping", Some("10.96.0.10/ping")),
            ("fd00::a/ping", Some("fd00::a/ping")),
            ("10.96.0.10:80/ping", None),
            ("[fd00::a]/PING", Some("fd00::a/ping")),
            ("[10.96.0.10]/ping", None),
            ("fd00::a:53/udp", None),
            ("[10.96.0.10]:53", None),
            ("10.96.0.10", None),
            ("10.96.0.10:0", None),
            ("10.96.0.10:+1", None),
            ("10.96.0.10:", None),
            ("10.96.0.10:65536", None),
            ("10.96.0.010:53", None),
            ("10.96.0.10:53/icmp", None),
            ("", None),
        ] {
            let read = text.parse::<Destination>().ok();
            let written = read.map(|destination| destination.to_string());
            assert_eq!(written.as_deref(), expected, "{text}");
        }
    }
}
