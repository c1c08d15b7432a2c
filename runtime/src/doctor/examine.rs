//! Asks a node.

use portolan_compiler::front::facts::IptablesVariant;
use portolan_compiler::kernel::iptables::Saved;
use portolan_compiler::model::IpFamily;

use portolan_compiler::mode::ipvs::sets::KubeSet;
use portolan_compiler::observed::{Dummy, Ipv6};

use crate::host::{
    Driver, Held, HostError, Modules, NftTable, Privileges, RunningProxy, Tools, UserNamespace,
    populated,
};

/// What a node says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    /// What this process may do.
    pub privileges: Privileges,
    /// Modules that are loaded, and those that could be.
    pub modules: Modules,
    /// iptables, ipset and nft, with their versions.
    pub tools: Tools,
    /// Rules of both families and variants, as far as there are any.
    pub rules: Vec<FoundRules>,
    /// What mode ipvs has on the node.
    pub ipvs: FoundIpvs,
    /// Signs of a running kube-proxy.
    pub proxies: Vec<RunningProxy>,
    /// Whether the node knows IPv6, where it says so.
    pub ipv6: Ipv6,
    /// Tables of nftables.
    pub nft_tables: Vec<NftTable>,
    /// What could not be looked at.
    pub unread: Vec<Unread>,
}

/// Rules, and the program that shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRules {
    /// The family they are about.
    pub family: IpFamily,
    /// The interface of the kernel that holds them, where it is known.
    pub variant: Option<IptablesVariant>,
    /// All tables of the family, whoever made them.
    pub rules: Saved,
}

/// What mode ipvs has on a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundIpvs {
    /// kube-ipvs0 with its addresses, if it is there.
    pub dummy: Dummy,
    /// Virtual servers at addresses that it has.
    pub virtual_servers: usize,
    /// Sets by the names that they have in this mode.
    pub sets: usize,
}

/// A part of a node that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The part in words: `rules of the other iptables variant`.
    pub what: &'static str,
    /// What kept it from being read.
    pub why: String,
}

/// Asks a node all that [`super::findings`] judges. What cannot be read is part of the answer.
///
/// # Errors
/// Where not even this process' own privileges can be read.
pub fn examine(node: &dyn Driver) -> Result<Readings, HostError> {
    let privileges = node.privileges()?;
    let tools = node.tools();
    let mut readings = Readings {
        privileges,
        modules: node.modules(),
        tools,
        rules: Vec::new(),
        ipvs: FoundIpvs::default(),
        proxies: Vec::new(),
        ipv6: Ipv6::Known,
        nft_tables: Vec::new(),
        unread: Vec::new(),
    };
    readings.proxies = readings
        .keep("processes and health ports", node.proxies())
        .unwrap_or_default();
    readings.ipv6 = readings.keep("IPv6", node.ipv6()).unwrap_or_default();
    // Without the capability nothing more can be seen, which is a finding of its own.
    if privileges.net_admin == Held::Yes {
        readings.netfilter(node);
    }
    Ok(readings)
}

/// The program that shows the rules of a variant.
fn save_of(variant: IptablesVariant, family: IpFamily) -> &'static str {
    match (variant, family) {
        (IptablesVariant::Legacy, IpFamily::V4) => "iptables-legacy-save",
        (IptablesVariant::Legacy, IpFamily::V6) => "ip6tables-legacy-save",
        (IptablesVariant::Nft, IpFamily::V4) => "iptables-nft-save",
        (IptablesVariant::Nft, IpFamily::V6) => "ip6tables-nft-save",
    }
}

impl Readings {
    fn netfilter(&mut self, node: &dyn Driver) {
        let variant = self.tools.variant();
        for (family, what) in [
            (IpFamily::V4, "iptables rules"),
            (IpFamily::V6, "ip6tables rules"),
        ] {
            if let Some(rules) = self.keep(what, node.iptables(family)).flatten() {
                self.add(family, variant, rules);
            }
        }
        let other = node.other_iptables(&self.tools);
        if let Some(Some(other)) = self.keep("rules of the other iptables variant", other) {
            for family in &other.unseen {
                self.unread.push(Unread {
                    what: "rules of the other iptables variant",
                    why: format!(
                        "{family} has some, and {} is not installed",
                        save_of(other.variant, *family)
                    ),
                });
            }
            let [v4, v6] = other.rules;
            self.add(IpFamily::V4, Some(other.variant), v4);
            self.add(IpFamily::V6, Some(other.variant), v6);
        }
        self.ipvs(node);
        let tables = self.keep("tables of nftables", node.nft_names());
        self.nft_tables = tables.flatten().unwrap_or_default();
    }

    fn ipvs(&mut self, node: &dyn Driver) {
        let dummy = self.keep("addresses of kube-ipvs0", node.dummy());
        self.ipvs.dummy = dummy.unwrap_or_default();
        // Elsewhere IPVS does not answer, which is a finding of its own.
        if self.privileges.user_namespace == UserNamespace::Initial {
            let found = self.keep("virtual servers", node.ipvs()).flatten();
            let servers = found.unwrap_or_default().virtual_servers.servers;
            let addresses = self.ipvs.dummy.addresses();
            let bound = servers
                .iter()
                .filter(|server| addresses.contains(&server.key.address));
            self.ipvs.virtual_servers = bound.count();
        }
        let sets = self
            .keep("ipsets", node.ipset())
            .flatten()
            .unwrap_or_default();
        let ours = sets
            .sets
            .iter()
            .filter(|set| KubeSet::named(set.name.as_str()).is_some());
        self.ipvs.sets = ours.count();
    }

    fn add(&mut self, family: IpFamily, variant: Option<IptablesVariant>, rules: Saved) {
        if populated(&rules) {
            self.rules.push(FoundRules {
                family,
                variant,
                rules,
            });
        }
    }

    /// What was read, or a note why not.
    fn keep<T>(&mut self, what: &'static str, read: Result<T, HostError>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            // The programs that are missing are found by themselves.
            Err(HostError::NoProgram { .. }) => None,
            Err(error) => {
                let why = error.to_string();
                self.unread.push(Unread { what, why });
                None
            }
        }
    }
}
