//! What a proxy mode keeps on one node.

use std::net::IpAddr;
use std::sync::LazyLock;

use super::ipvs::sets::KubeSet;
use super::services::ServiceList;
use super::{Served, iptables, nftables};
use crate::kernel::ipset::Set;
use crate::kernel::iptables::Ruleset;
use crate::kernel::ipvs::{Timeouts, VirtualServer};
use crate::kernel::nftables::Table;
use crate::kernel::sysctl::Sysctl;
use crate::model::{IpFamily, Mode};
use crate::source::Origins;

/// Everything that a proxy mode keeps in a node's kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeState {
    /// Modules that the rest needs, sorted.
    pub modules: Vec<&'static str>,
    /// Kernel settings, in kube-proxy's order.
    pub sysctls: Vec<Sysctl>,
    /// What Services have there; unknown of what an older portolan compiled.
    pub services: Option<ServiceList>,
    /// What serves them.
    pub proxy: ProxyState,
}

/// What serves Services, by mode. No mode has what another has alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyState {
    /// Of mode ipvs.
    Ipvs(IpvsState),
    /// Of mode iptables.
    Iptables(IptablesState),
    /// Of mode nftables: its tables, IPv4's first.
    Nftables(Vec<Table>),
}

/// What mode ipvs keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpvsState {
    /// IPVS timeouts, where any is configured.
    pub timeouts: Option<Timeouts>,
    /// Addresses of kube-ipvs0, each alone in its network, sorted.
    pub addresses: Vec<(IpAddr, Origins)>,
    /// Sets of both families, IPv4 first, sorted by name.
    pub sets: Vec<Set>,
    /// The rules around the virtual servers.
    pub rules: IptablesState,
    /// Virtual servers, sorted.
    pub virtual_servers: Vec<VirtualServer>,
}

/// Rules of both families.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IptablesState {
    /// IPv4: what `iptables-restore` takes.
    pub iptables: Ruleset,
    /// IPv6: what `ip6tables-restore` takes.
    pub ip6tables: Ruleset,
}

static NO_RULES: LazyLock<IptablesState> = LazyLock::new(IptablesState::default);

impl ProxyState {
    /// A mode's state with nothing in it.
    pub fn empty(mode: Mode) -> Self {
        match mode {
            Mode::Ipvs => Self::Ipvs(IpvsState::default()),
            Mode::Iptables => Self::Iptables(IptablesState::default()),
            Mode::Nftables => Self::Nftables(Vec::new()),
        }
    }
}

impl IptablesState {
    fn keep_family(&mut self, family: IpFamily) {
        match family {
            IpFamily::V4 => self.ip6tables = Ruleset::default(),
            IpFamily::V6 => self.iptables = Ruleset::default(),
        }
    }
}

impl IpvsState {
    fn keep_family(&mut self, family: IpFamily) {
        let is = |address: IpAddr| IpFamily::of(address) == family;
        self.addresses.retain(|(address, _)| is(*address));
        self.sets
            .retain(|set| KubeSet::family(set.name.as_str()).is_none_or(|other| other == family));
        self.virtual_servers.retain(|one| is(one.key.address));
        self.rules.keep_family(family);
    }
}

/// What there is of a kind, in every mode: a change of mode compares all. What a mode has no use for is
/// empty.
impl NodeState {
    /// A mode's state with nothing in it.
    pub fn empty(mode: Mode) -> Self {
        Self {
            modules: Vec::new(),
            sysctls: Vec::new(),
            services: None,
            proxy: ProxyState::empty(mode),
        }
    }

    /// The mode whose state it is.
    pub fn mode(&self) -> Mode {
        match self.proxy {
            ProxyState::Ipvs(_) => Mode::Ipvs,
            ProxyState::Iptables(_) => Mode::Iptables,
            ProxyState::Nftables(_) => Mode::Nftables,
        }
    }

    fn ipvs(&self) -> Option<&IpvsState> {
        match &self.proxy {
            ProxyState::Ipvs(state) => Some(state),
            ProxyState::Iptables(_) | ProxyState::Nftables(_) => None,
        }
    }

    /// IPVS timeouts, where any is configured.
    pub fn timeouts(&self) -> Option<Timeouts> {
        self.ipvs()?.timeouts
    }

    /// Addresses of kube-ipvs0, each alone in its network, sorted.
    pub fn addresses(&self) -> &[(IpAddr, Origins)] {
        self.ipvs().map_or(&[], |state| &state.addresses)
    }

    /// Sets of both families, IPv4 first, sorted by name.
    pub fn sets(&self) -> &[Set] {
        self.ipvs().map_or(&[], |state| &state.sets)
    }

    /// Virtual servers, sorted.
    pub fn virtual_servers(&self) -> &[VirtualServer] {
        self.ipvs().map_or(&[], |state| &state.virtual_servers)
    }

    /// Rules of a family.
    pub fn rules(&self, family: IpFamily) -> &Ruleset {
        let rules = match &self.proxy {
            ProxyState::Ipvs(state) => &state.rules,
            ProxyState::Iptables(state) => state,
            ProxyState::Nftables(_) => &NO_RULES,
        };
        match family {
            IpFamily::V4 => &rules.iptables,
            IpFamily::V6 => &rules.ip6tables,
        }
    }

    /// Tables of mode nftables, IPv4's first.
    pub fn tables(&self) -> &[Table] {
        match &self.proxy {
            ProxyState::Nftables(tables) => tables,
            ProxyState::Ipvs(_) | ProxyState::Iptables(_) => &[],
        }
    }

    /// What of it is of one family, and what is of none.
    #[must_use]
    pub fn of_family(&self, family: IpFamily) -> Self {
        let mut state = self.clone();
        match &mut state.proxy {
            ProxyState::Ipvs(state) => state.keep_family(family),
            ProxyState::Iptables(state) => state.keep_family(family),
            ProxyState::Nftables(tables) => tables.retain(|table| table.family == family),
        }
        if let Some(list) = &mut state.services {
            list.keep_family(family);
        }
        state
    }

    /// Who answers where by rules alone; nobody in mode ipvs, which has virtual servers for that.
    pub fn served_by_rules(&self) -> Served {
        match &self.proxy {
            ProxyState::Ipvs(_) => Served::new(),
            ProxyState::Nftables(tables) => tables.iter().flat_map(nftables::served).collect(),
            ProxyState::Iptables(rules) => {
                let mut served = iptables::served(IpFamily::V4, &rules.iptables);
                served.extend(iptables::served(IpFamily::V6, &rules.ip6tables));
                served
            }
        }
    }
}
