//! Elements of sets and maps.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::names::{ChainName, DataShape, KeyShape};
use crate::model::{ByAddress, Port, Protocol};
use crate::source::Origins;

/// Protocol and port at the node's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodePortKey {
    /// Transport protocol of the node port.
    pub protocol: Protocol,
    /// Number of the node port.
    pub port: Port,
}

/// Key of an element. Ordered by its numbers, not by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// An address, as in `cluster-ips`.
    Address(IpAddr),
    /// A range of addresses, host bits cleared.
    Range(IpNet),
    /// A frontend: address, protocol and port.
    Frontend(ByAddress),
    /// A node port.
    NodePort(NodePortKey),
    /// A frontend and a range of clients, host bits cleared.
    FrontendAndRange(ByAddress, IpNet),
    /// A frontend and the number of an endpoint.
    FrontendSlot(ByAddress, u32),
    /// A node port and the number of an endpoint.
    NodePortSlot(NodePortKey, u32),
    /// A client that has connected, by its address.
    Client(IpAddr),
    /// An endpoint, by address and port.
    Endpoint(SocketAddr),
    /// Source and destination.
    Connection(IpAddr, IpAddr),
}

impl Key {
    /// What it is.
    pub fn shape(&self) -> KeyShape {
        match self {
            Self::Address(_) => KeyShape::Address,
            Self::Range(_) => KeyShape::Range,
            Self::Frontend(_) => KeyShape::Frontend,
            Self::NodePort(_) => KeyShape::NodePort,
            Self::FrontendAndRange(..) => KeyShape::FrontendAndRange,
            Self::FrontendSlot(..) => KeyShape::FrontendSlot,
            Self::NodePortSlot(..) => KeyShape::NodePortSlot,
            Self::Client(_) => KeyShape::Client,
            Self::Endpoint(_) => KeyShape::Endpoint,
            Self::Connection(..) => KeyShape::Connection,
        }
    }
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// This chain of the hook is done with it.
    Accept,
    /// It is gone.
    Drop,
    /// Back to where the chain was entered from.
    Return,
    /// Into a chain, and on here after it.
    Jump(ChainName),
    /// Into a chain for good.
    Goto(ChainName),
}

/// What a map has for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// What becomes of the packet.
    Verdict(Verdict),
    /// Where it goes.
    Endpoint(SocketAddr),
}

impl Value {
    /// What it is.
    pub fn shape(&self) -> DataShape {
        match self {
            Self::Verdict(_) => DataShape::Verdict,
            Self::Endpoint(_) => DataShape::Endpoint,
        }
    }
}

/// A comment on an element: printable ASCII without quotes and backslash. nft has no way to escape
/// them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comment(Box<str>);

impl Comment {
    /// Longest comment nft takes, less one for its final zero.
    pub const LIMIT: usize = 127;

    /// Takes a comment; `None` where nft would not.
    pub fn new(text: &str) -> Option<Self> {
        let safe = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !b"\"\\".contains(&byte);
        (text.len() <= Self::LIMIT && text.bytes().all(safe)).then(|| Self(text.into()))
    }

    /// The name of a service port. The longest is longer than a comment, and loses its end.
    pub(crate) fn naming(name: &str) -> Option<Self> {
        Self::new(&name[..name.len().min(Self::LIMIT)])
    }

    /// The comment as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a set or map says of a key.
#[derive(Debug, Clone, Eq)]
pub struct Element {
    /// What the key is mapped to; `None` in a mere set.
    pub value: Option<Value>,
    /// The service port it is about, where that is said.
    pub comment: Option<Comment>,
    /// Where it comes from; nothing for observed elements.
    pub origins: Origins,
}

impl PartialEq for Element {
    /// Where an element comes from makes no difference to the kernel.
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value && self.comment == other.comment
    }
}

impl fmt::Display for NodePortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} . {}", self.protocol.lower(), self.port)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) | Self::Client(address) => address.fmt(f),
            Self::Endpoint(socket) => Value::Endpoint(*socket).fmt(f),
            Self::Range(net) => Net(*net).fmt(f),
            Self::Frontend(key) => frontend(key, f),
            Self::NodePort(key) => key.fmt(f),
            Self::FrontendAndRange(key, net) => {
                frontend(key, f)?;
                write!(f, " . {}", Net(*net))
            }
            Self::FrontendSlot(key, slot) => {
                frontend(key, f)?;
                write!(f, " . {slot}")
            }
            Self::NodePortSlot(key, slot) => write!(f, "{key} . {slot}"),
            Self::Connection(from, to) => write!(f, "{from} . {to}"),
        }
    }
}

/// `10.96.0.1 . tcp . 443`.
fn frontend(ByAddress(key): &ByAddress, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "{} . {} . {}",
        key.address,
        key.protocol.lower(),
        key.port
    )
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("accept"),
            Self::Drop => f.write_str("drop"),
            Self::Return => f.write_str("return"),
            Self::Jump(chain) => write!(f, "jump {chain}"),
            Self::Goto(chain) => write!(f, "goto {chain}"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict(verdict) => verdict.fmt(f),
            Self::Endpoint(socket) => write!(f, "{} . {}", socket.ip(), socket.port()),
        }
    }
}

/// A range as nft prints it: a single address without its length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Net(pub(super) IpNet);

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            self.0.addr().fmt(f)
        } else {
            self.0.fmt(f)
        }
    }
}
