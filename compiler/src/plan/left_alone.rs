//! What was found and is left as it is.

use std::fmt;
use std::net::IpAddr;

use super::{DestinationKey, RuleChain, Unserved};
use crate::front::facts::IptablesVariant;
use crate::kernel::dummy::INTERFACE;
use crate::kernel::nftables::KubeProxyTable;
use crate::mode::ipvs::sets::KubeSet;
use crate::mode::kube_proxy;
use crate::model::{IpFamily, TransportAddress};

/// Something that was found and is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftAlone {
    /// A virtual server that nobody here made.
    Server(TransportAddress),
    /// A virtual server of a kind that portolan never makes, as `ipvsadm -Sn` prints it.
    ForeignServer(Box<str>),
    /// A destination that an earlier apply set to drain.
    Draining(DestinationKey),
    /// An address of kube-ipvs0 that nobody here made.
    Address(IpAddr),
    /// An address of kube-ipvs0 that a virtual server needs which is left alone.
    AddressInUse(IpAddr),
    /// A set that nobody here made.
    Set(Box<str>),
    /// A chain in one of the tables that portolan uses.
    Chain(RuleChain),
    /// What is of IPv6, which the node does not have.
    Ipv6(Unserved),
    /// kube-proxy's own table of mode nftables.
    KubeProxyTable(IpFamily),
    /// A chain of kube-proxy's in the variant of iptables that the node's own programs do not speak to.
    OtherVariant(IptablesVariant, RuleChain),
    /// Tables of that variant which no program of the node's shows.
    UnseenVariant(IptablesVariant, IpFamily),
}

impl LeftAlone {
    /// What it is, for a list.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Server(_) | Self::ForeignServer(_) => "virtual server",
            Self::Draining(_) => "draining destination",
            Self::Address(_) | Self::AddressInUse(_) => "address",
            Self::Set(_) => "ipset",
            Self::Chain(_) => "chain",
            Self::Ipv6(_) => "address family",
            Self::KubeProxyTable(_) => "nftables table",
            Self::OtherVariant(IptablesVariant::Legacy, _) => "iptables-legacy chain",
            Self::OtherVariant(IptablesVariant::Nft, _) => "iptables-nft chain",
            Self::UnseenVariant(IptablesVariant::Legacy, _) => "iptables-legacy ruleset",
            Self::UnseenVariant(IptablesVariant::Nft, _) => "iptables-nft ruleset",
        }
    }

    /// Which one it is.
    pub fn name(&self) -> String {
        match self {
            Self::Server(key) => key.to_string(),
            Self::ForeignServer(line) => line.to_string(),
            Self::Draining(key) => key.to_string(),
            Self::Address(address) => address.to_string(),
            Self::AddressInUse(address) => format!("{address} (in use)"),
            Self::Set(name) => name.to_string(),
            Self::Chain(chain) | Self::OtherVariant(_, chain) => chain.to_string(),
            Self::Ipv6(unserved) => format!("IPv6, {unserved}"),
            Self::UnseenVariant(_, family) => format!("{family}, not shown by any program here"),
            Self::KubeProxyTable(family) => KubeProxyTable::name(*family),
        }
    }
}

/// How something goes that was left alone although nobody but kube-proxy makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WayOut {
    /// By taking over what kube-proxy has.
    TakeOver,
    /// By hand: no program that plans are carried out with reaches it.
    ByHand,
}

impl LeftAlone {
    /// How it goes; `None` for what may well be somebody else's.
    pub fn way_out(&self) -> Option<WayOut> {
        match self {
            Self::Address(_) | Self::KubeProxyTable(_) => Some(WayOut::TakeOver),
            Self::Set(name) => KubeSet::named(name).map(|_| WayOut::TakeOver),
            Self::Chain(at) => {
                kube_proxy::has_chain(at.table, at.chain.as_str()).then_some(WayOut::TakeOver)
            }
            Self::OtherVariant(..) | Self::UnseenVariant(..) => Some(WayOut::ByHand),
            Self::Server(_)
            | Self::ForeignServer(_)
            | Self::Draining(_)
            | Self::Ipv6(_)
            | Self::AddressInUse(_) => None,
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
