//! The parts of what the kernel holds for a proxy.

use std::fmt;

use crate::model::IpFamily;

/// A part of a node's state: a subsystem, or what a family has there. Ordered as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Virtual servers and destinations.
    Ipvs,
    /// Idle timeouts of IPVS, one set for the whole node.
    Timeouts,
    /// kube-ipvs0 and its addresses.
    Dummy,
    /// Sets and entries.
    Ipset,
    /// Rules of a family.
    Iptables(IpFamily),
    /// The table of mode nftables of a family.
    Nftables(IpFamily),
    /// Settings below /proc/sys.
    Sysctl,
    /// Modules that rules and virtual servers need.
    Modules,
}

impl Part {
    /// The parts of a reading that plans have digests of, in the order of the reading's canonical text.
    /// nft changes both families in one transaction, and they have one digest, under IPv4's.
    pub const DIGESTED: [Self; 8] = [
        Self::Sysctl,
        Self::Timeouts,
        Self::Dummy,
        Self::Ipset,
        Self::Iptables(IpFamily::V4),
        Self::Iptables(IpFamily::V6),
        Self::Nftables(IpFamily::V4),
        Self::Ipvs,
    ];

    /// Its name in plan files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Ipvs => "virtual-servers",
            Self::Timeouts => "timeouts",
            Self::Dummy => "addresses",
            Self::Ipset => "ipsets",
            Self::Iptables(IpFamily::V4) => "iptables",
            Self::Iptables(IpFamily::V6) => "ip6tables",
            Self::Nftables(_) => "nftables",
            Self::Sysctl => "sysctls",
            Self::Modules => "modules",
        }
    }

    /// What of it differs between two readings: `iptables rules`.
    pub fn contents(self) -> &'static str {
        match self {
            Self::Ipvs => "virtual servers",
            Self::Timeouts => "IPVS timeouts",
            Self::Dummy => "addresses of kube-ipvs0",
            Self::Ipset => "ipsets",
            Self::Iptables(IpFamily::V4) => "iptables rules",
            Self::Iptables(IpFamily::V6) => "ip6tables rules",
            Self::Nftables(_) => "nftables tables",
            Self::Sysctl => "kernel settings",
            Self::Modules => "kernel modules",
        }
    }
}

impl fmt::Display for Part {
    /// As comparisons name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipvs => "virtual servers",
            Self::Timeouts => "IPVS timeouts",
            Self::Dummy => "addresses of kube-ipvs0",
            Self::Ipset => "ipsets",
            Self::Iptables(IpFamily::V4) => "iptables",
            Self::Iptables(IpFamily::V6) => "ip6tables",
            Self::Nftables(IpFamily::V4) => "nftables ip",
            Self::Nftables(IpFamily::V6) => "nftables ip6",
            Self::Sysctl => "settings",
            Self::Modules => "modules",
        })
    }
}
