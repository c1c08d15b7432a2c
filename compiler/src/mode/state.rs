//! What a proxy mode keeps on one node.

use std::net::IpAddr;

use super::Served;
use super::ipvs::sets::KubeSet;
use super::services::ServiceList;
use crate::kernel::ipset::Set;
use crate::kernel::iptables::Ruleset;
use crate::kernel::ipvs::{Timeouts, VirtualServer};
use crate::kernel::nftables::Table;
use crate::kernel::sysctl::Sysctl;
use crate::mode;
use crate::model::{IpFamily, Mode};
use crate::source::Origins;

/// Everything that a proxy mode keeps in a node's kernel. What a mode has no use for is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeState {
    /// The mode.
    pub mode: Mode,
    /// Modules that the rest needs, sorted.
    pub modules: Vec<&'static str>,
    /// Kernel settings, in kube-proxy's order.
    pub sysctls: Vec<Sysctl>,
    /// IPVS timeouts, where any is configured.
    pub timeouts: Option<Timeouts>,
    /// Addresses of kube-ipvs0, each alone in its network, sorted.
    pub addresses: Vec<(IpAddr, Origins)>,
    /// Sets of both families, IPv4 first, sorted by name.
    pub sets: Vec<Set>,
    /// iptables rules.
    pub iptables: Ruleset,
    /// ip6tables rules.
    pub ip6tables: Ruleset,
    /// Virtual servers, sorted.
    pub virtual_servers: Vec<VirtualServer>,
    /// Tables of mode nftables, IPv4's first.
    pub nftables: Vec<Table>,
    /// What Services have there; unknown of what an older portolan compiled.
    pub services: Option<ServiceList>,
}

impl NodeState {
    /// A mode's state with nothing in it.
    pub fn empty(mode: Mode) -> Self {
        Self {
            mode,
            modules: Vec::new(),
            sysctls: Vec::new(),
            timeouts: None,
            addresses: Vec::new(),
            sets: Vec::new(),
            iptables: Ruleset::default(),
            ip6tables: Ruleset::default(),
            virtual_servers: Vec::new(),
            nftables: Vec::new(),
            services: None,
        }
    }

    /// What of it is of one family, and what is of none.
    #[must_use]
    pub fn of_family(&self, family: IpFamily) -> Self {
        let is = |address: IpAddr| IpFamily::of(address) == family;
        let mut state = self.clone();
        state.addresses.retain(|(address, _)| is(*address));
        state
            .sets
            .retain(|set| KubeSet::family(set.name.as_str()).is_none_or(|other| other == family));
        state.virtual_servers.retain(|one| is(one.key.address));
        state.nftables.retain(|table| table.family == family);
        match family {
            IpFamily::V4 => state.ip6tables = Ruleset::default(),
            IpFamily::V6 => state.iptables = Ruleset::default(),
        }
        if let Some(list) = &mut state.services {
            list.keep_family(family);
        }
        state
    }

    /// Who answers where by rules alone; nobody in mode ipvs, which has virtual servers for that.
    pub fn served_by_rules(&self) -> Served {
        match self.mode {
            Mode::Ipvs => Served::new(),
            Mode::Nftables => self
                .nftables
                .iter()
                .flat_map(mode::nftables::served)
                .collect(),
            Mode::Iptables => {
                let mut served = mode::iptables::served(IpFamily::V4, &self.iptables);
                served.extend(mode::iptables::served(IpFamily::V6, &self.ip6tables));
                served
            }
        }
    }
}
