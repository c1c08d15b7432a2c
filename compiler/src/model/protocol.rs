//! Transport protocols and ports.

use std::fmt;
use std::num::NonZeroU16;

closed_set! {
    /// A transport protocol that Services know. Ordered as portolan writes them: TCP, UDP, SCTP.
    pub enum Protocol {
        /// IP protocol 6, and what a port without `protocol` has.
        Tcp = "TCP",
        /// IP protocol 17; its flows are forgotten when endpoints go.
        Udp = "UDP",
        /// IP protocol 132.
        Sctp = "SCTP",
    }
}

impl Protocol {
    /// The number in an IP header (IANA protocol numbers).
    pub fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
        }
    }

    /// The protocol with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| u16::from(protocol.number()) == number)
    }

    /// The protocol that iptables, ipset and nft write so.
    pub fn from_lower(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.lower() == name)
    }

    /// `tcp`, as iptables and ipset write it.
    pub fn lower(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// A port, 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(NonZeroU16);

impl Port {
    /// The port with this number; `None` for 0.
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).map(Self)
    }

    /// The number, 1 to 65535.
    pub fn get(self) -> u16 {
        self.0.get()
    }
}

impl TryFrom<i32> for Port {
    type Error = PortOutOfRange;

    fn try_from(number: i32) -> Result<Self, PortOutOfRange> {
        u16::try_from(number)
            .ok()
            .and_then(Self::new)
            .ok_or(PortOutOfRange)
    }
}

/// A number that is no port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a port: 1 to 65535")]
pub struct PortOutOfRange;

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
