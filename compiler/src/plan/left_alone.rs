//! What was found and is left as it is.

use std::fmt;
use std::net::IpAddr;

use super::{DestinationKey, RuleChain};
use crate::back::ipvs::{INTERFACE, VirtualServerKey};

/// Something that was found and is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftAlone {
    /// A virtual server that nobody here made.
    Server(VirtualServerKey),
    /// A virtual server of a kind that portolan never makes, as `ipvsadm -Sn` prints it.
    OtherServer(Box<str>),
    /// A destination that an earlier apply set to drain.
    Draining(DestinationKey),
    /// An address of kube-ipvs0 that nobody here made.
    Address(IpAddr),
    /// An address of kube-ipvs0 that a virtual server needs which is left alone.
    AddressInUse(IpAddr),
    /// A set.
    Set(Box<str>),
    /// A chain in one of the tables that portolan uses.
    Chain(RuleChain),
}

impl LeftAlone {
    /// What it is, for a list.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Server(_) | Self::OtherServer(_) => "virtual server",
            Self::Draining(_) => "draining destination",
            Self::Address(_) | Self::AddressInUse(_) => "address",
            Self::Set(_) => "ipset",
            Self::Chain(_) => "chain",
        }
    }

    /// Which one it is.
    pub fn name(&self) -> String {
        match self {
            Self::Server(key) => key.to_string(),
            Self::OtherServer(line) => line.to_string(),
            Self::Draining(key) => key.to_string(),
            Self::Address(address) => address.to_string(),
            Self::AddressInUse(address) => format!("{address} (in use)"),
            Self::Set(name) => name.to_string(),
            Self::Chain(chain) => chain.to_string(),
        }
    }
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.name())?;
        match self {
            Self::Address(_) | Self::AddressInUse(_) => write!(f, " on {INTERFACE}"),
            _ => Ok(()),
        }
    }
}
