//! What a node holds, as far as Services are concerned: read from the live kernel or from a capture
//! of it, in the types that back ends write.

mod canonical;
mod capture;
mod difference;
mod ordered;

pub use capture::{
    CaptureError, CaptureFile, CaptureNote, Printed, notes, read, read_rules, write,
};
pub use difference::Part;

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::back::iptables::Saved;
use crate::back::sysctl::SysctlKey;
use crate::back::{ipset, ipvs, nftables};
use crate::front::facts::IptablesVariant;
use crate::model::{IpFamily, Timeouts};

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Virtual servers, other software's too.
    pub virtual_servers: ipvs::Observed,
    /// IPVS timeouts, if they are known.
    pub timeouts: Option<Timeouts>,
    /// kube-ipvs0.
    pub dummy: Dummy,
    /// Sets, other software's too.
    pub sets: ipset::Observed,
    /// Rules of both families, other software's too.
    pub rules: [Saved; 2],
    /// Whether the node knows IPv6.
    pub ipv6: Ipv6,
    /// Rules that the node's own iptables programs do not show, where somebody looked for them.
    pub other_rules: Option<OtherRules>,
    /// The tables of mode nftables.
    pub tables: nftables::Observed,
    /// Settings that are known.
    pub sysctls: BTreeMap<SysctlKey, u32>,
}

/// Whether a node knows IPv6.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ipv6 {
    /// It does, as far as is known.
    #[default]
    Known,
    /// Its kernel was built or started without it, and ip6tables fails: no packet of it comes, and as
    /// with kube-proxy no rule is made for it.
    Unknown,
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
    /// No rules.
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
    /// Its addresses.
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
        &self.rules[family as usize]
    }

    /// A node that nothing was done to.
    pub fn empty() -> Self {
        Self {
            virtual_servers: ipvs::Observed::default(),
            timeouts: None,
            dummy: Dummy::Absent,
            sets: ipset::Observed::default(),
            rules: [Saved::default(), Saved::default()],
            ipv6: Ipv6::Known,
            other_rules: None,
            tables: nftables::Observed::default(),
            sysctls: BTreeMap::new(),
        }
    }
}
