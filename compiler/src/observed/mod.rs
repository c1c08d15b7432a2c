//! What a node holds, as far as Services are concerned: read from the live kernel or from a capture
//! of it, in the types that back ends write.

mod canonical;
mod capture;
mod difference;
mod ordered;
mod shown;

pub use capture::{
    CaptureError, CaptureFile, CaptureNote, Lack, Link, LinkAddress, Output, Printed, links,
    links_alone, node_addresses, notes, of_mode, of_node, output, printed, read, read_rules,
    timeouts, write, write_with_links,
};

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use crate::front::facts::IptablesVariant;
use crate::kernel::iptables::Saved;
use crate::kernel::sysctl::SysctlKey;
use crate::kernel::{ipset, ipvs, nftables};
use crate::mode::ipvs::sets::KubeSet;
use crate::model::{IpFamily, Timeouts};

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Virtual servers, other software's too.
    pub ipvs: ipvs::Observed,
    /// IPVS timeouts, if they are known.
    pub timeouts: Option<Timeouts>,
    /// kube-ipvs0 with its addresses, if it is there.
    pub dummy: Dummy,
    /// Sets, other software's too.
    pub ipset: ipset::Observed,
    /// Rules of both families, other software's too.
    pub iptables: [Saved; 2],
    /// Whether the node knows IPv6.
    pub ipv6: Ipv6,
    /// Rules that the node's own iptables programs do not show, where somebody looked for them.
    pub other_iptables: Option<OtherRules>,
    /// The tables of mode nftables.
    pub nftables: nftables::Observed,
    /// Settings that are known.
    pub sysctl: BTreeMap<SysctlKey, u32>,
}

/// Whether a node knows IPv6.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ipv6 {
    /// It does, as far as is known.
    #[default]
    Known,
    /// It has none: no packet of it comes, and nothing is made for it.
    Without(WithoutIpv6),
}

/// Why a node has no IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WithoutIpv6 {
    /// Its kernel was built without it, or started so (`ipv6.disable=1`).
    Kernel,
    /// It is switched off for all interfaces, and none has an address of it.
    Setting,
}

impl WithoutIpv6 {
    /// The setting that switches IPv6 off for all interfaces.
    pub const SETTING: &str = "net.ipv6.conf.all.disable_ipv6";
}

impl fmt::Display for WithoutIpv6 {
    /// In a clause: `the kernel does not know IPv6`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel => f.write_str("the kernel does not know IPv6"),
            Self::Setting => write!(f, "{} is 1", Self::SETTING),
        }
    }
}

/// Rules of the variant of iptables that the node's own programs do not speak to. Packets pass them all
/// the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherRules {
    /// The variant they belong to.
    pub variant: IptablesVariant,
    /// Rules of both families.
    pub rules: [Saved; 2],
    /// Families that have tables of it which no program of the node's shows.
    pub unseen: Vec<IpFamily>,
}

impl OtherRules {
    /// A variant of which the node has no rules.
    pub fn none(variant: IptablesVariant) -> Self {
        Self {
            variant,
            rules: [Saved::default(), Saved::default()],
            unseen: Vec::new(),
        }
    }

    /// Rules of a family.
    pub fn rules(&self, family: IpFamily) -> &Saved {
        &self.rules[family as usize]
    }
}

/// The interface that holds Services' addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Dummy {
    /// It is not there.
    #[default]
    Absent,
    /// It is there, with these addresses, sorted.
    Present(Vec<IpAddr>),
}

impl Dummy {
    /// Addresses of the interface, sorted; none where it is absent.
    pub fn addresses(&self) -> &[IpAddr] {
        match self {
            Self::Absent => &[],
            Self::Present(addresses) => addresses,
        }
    }
}

impl Observed {
    /// Rules of a family.
    pub fn rules(&self, family: IpFamily) -> &Saved {
        &self.iptables[family as usize]
    }

    /// A node that nothing was done to.
    pub fn empty() -> Self {
        Self {
            ipvs: ipvs::Observed::default(),
            timeouts: None,
            dummy: Dummy::Absent,
            ipset: ipset::Observed::default(),
            iptables: [Saved::default(), Saved::default()],
            ipv6: Ipv6::Known,
            other_iptables: None,
            nftables: nftables::Observed::default(),
            sysctl: BTreeMap::new(),
        }
    }

    /// What of it is of one family, and what is of none.
    #[must_use]
    pub fn of_family(&self, family: IpFamily) -> Self {
        let is = |address: IpAddr| IpFamily::of(address) == family;
        let mut observed = self.clone();
        let servers = &mut observed.ipvs;
        servers.servers.retain(|one| is(one.key.address));
        servers
            .foreign
            .retain(|one| one.key.is_none_or(|key| is(key.address)));
        if let Dummy::Present(addresses) = &mut observed.dummy {
            addresses.retain(|address| is(*address));
        }
        let theirs = |name: &str| KubeSet::family(name).is_none_or(|other| other == family);
        observed.ipset.sets.retain(|set| theirs(set.name.as_str()));
        observed.ipset.foreign.retain(|set| theirs(&set.name));
        for other in IpFamily::ALL.into_iter().filter(|one| *one != family) {
            observed.iptables[other as usize] = Saved::default();
            observed.nftables.tables[other as usize] = None;
            observed.nftables.kube_proxy[other as usize] = None;
            if let Some(rules) = &mut observed.other_iptables {
                rules.rules[other as usize] = Saved::default();
                rules.unseen.retain(|one| *one == family);
            }
        }
        observed
    }
}
