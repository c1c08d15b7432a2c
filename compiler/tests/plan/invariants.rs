//! The ordering constraints of an apply as statements about single moments, independent of how the
//! planner orders its steps: what holds before and after holds all the way.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use portolan_compiler::kernel::ipset::Entry;
use portolan_compiler::kernel::ipvs::Destination;
use portolan_compiler::kernel::sysctl::SysctlKey;
use portolan_compiler::mode::ipvs::sets::KubeSet;
use portolan_compiler::model::{IpFamily, Protocol, TransportAddress};
use portolan_compiler::observed::Observed;

const ALLOWING: [KubeSet; 4] = [
    KubeSet::ClusterIp,
    KubeSet::ExternalIp,
    KubeSet::ExternalIpLocal,
    KubeSet::LoadBalancer,
];
const MASQUERADING: [KubeSet; 6] = [
    KubeSet::ClusterIp,
    KubeSet::ExternalIp,
    KubeSet::LoadBalancer,
    KubeSet::NodePortTcp,
    KubeSet::NodePortUdp,
    KubeSet::NodePortSctp,
];
const UNMASKING: [KubeSet; 4] = [
    KubeSet::LoadBalancerLocal,
    KubeSet::NodePortLocalTcp,
    KubeSet::NodePortLocalUdp,
    KubeSet::NodePortLocalSctp,
];

/// A moment, looked at so that it can be asked.
struct View {
    servers: BTreeMap<TransportAddress, Vec<Destination>>,
    bound: BTreeSet<IpAddr>,
    /// Entries of our sets that some rule asks about.
    effective: BTreeMap<KubeSet, BTreeSet<Entry>>,
    /// Entries of our sets.
    entries: BTreeMap<KubeSet, BTreeSet<Entry>>,
    /// Rules of our chains, by chain.
    rules: BTreeMap<String, Vec<String>>,
    sysctls: BTreeMap<SysctlKey, u32>,
}

impl View {
    fn of(node: &Observed) -> Self {
        let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for family in IpFamily::ALL {
            for table in &node.rules(family).tables {
                for chain in table
                    .chains
                    .iter()
                    .filter(|chain| chain.name.starts_with("KUBE-"))
                {
                    let name = format!("{family:?} {} {}", table.name, chain.name);
                    rules.insert(name, chain.rules.iter().map(ToString::to_string).collect());
                }
            }
        }
        let all = |set: KubeSet, wanted: &dyn Fn(&str) -> bool| -> BTreeSet<Entry> {
            IpFamily::ALL
                .into_iter()
                .map(|family| set.name(family))
                .filter(|name| wanted(name.as_str()))
                .filter_map(|name| node.ipset.sets.iter().find(|set| set.name == name))
                .flat_map(|set| set.entries.iter().map(|(entry, _)| *entry))
                .collect()
        };
        let named = |name: &str| {
            let name = format!("--match-set {name} ");
            rules.values().flatten().any(|rule| rule.contains(&name))
        };
        Self {
            servers: node
                .ipvs
                .servers
                .iter()
                .map(|server| (server.key, server.destinations.clone()))
                .collect(),
            bound: node.dummy.addresses().iter().copied().collect(),
            effective: KubeSet::ALL
                .into_iter()
                .map(|set| (set, all(set, &named)))
                .collect(),
            entries: KubeSet::ALL
                .into_iter()
                .map(|set| (set, all(set, &|_| true)))
                .collect(),
            sysctls: node.sysctl.clone(),
            rules,
        }
    }

    fn has(&self, set: KubeSet, key: &TransportAddress) -> bool {
        about(&self.effective[&set], set, key)
    }

    fn lists(&self, set: KubeSet, key: &TransportAddress) -> bool {
        about(&self.entries[&set], set, key)
    }

    /// Whether new connections to an address are refused unless something allows them.
    fn guarded(&self, address: IpAddr) -> bool {
        self.effective[&KubeSet::IpvsIps].contains(&Entry::Ip(address))
    }

    fn allowed(&self, key: &TransportAddress) -> bool {
        ALLOWING.into_iter().any(|set| self.has(set, key))
    }

    /// Destinations that take new connections, if the virtual server can be reached at all.
    fn taking(&self, key: &TransportAddress) -> BTreeSet<IpAddr> {
        let shut =
            self.bound.contains(&key.address) && self.guarded(key.address) && !self.allowed(key);
        let destinations = self.servers.get(key).filter(|_| !shut);
        destinations
            .into_iter()
            .flatten()
            .filter(|destination| destination.weight > 0)
            .map(|destination| destination.address)
            .collect()
    }

    fn serves(&self, address: IpAddr) -> bool {
        self.servers.keys().any(|key| key.address == address)
    }
}

fn about(entries: &BTreeSet<Entry>, set: KubeSet, key: &TransportAddress) -> bool {
    entries.iter().any(|entry| match entry {
        Entry::IpPort(entry) | Entry::IpPortNet(entry, _) | Entry::IpPortIp(entry, _) => {
            (entry.address, entry.protocol, entry.port) == (key.address, key.protocol, key.port)
        }
        Entry::Port(port) => {
            let protocol = match set {
                KubeSet::NodePortUdp | KubeSet::NodePortLocalUdp => Protocol::Udp,
                _ => Protocol::Tcp,
            };
            *port == key.port.get() && protocol == key.protocol
        }
        Entry::Ip(_) => false,
    })
}

/// Before and after.
pub(crate) struct Invariants {
    ends: [View; 2],
}

impl Invariants {
    pub(crate) fn new(before: &Observed, after: &Observed) -> Self {
        Self {
            ends: [View::of(before), View::of(after)],
        }
    }

    /// Checks a moment on the way.
    pub(crate) fn check(&self, node: &Observed) -> Result<(), String> {
        let now = View::of(node);
        self.settings(&now)?;
        self.addresses(&now)?;
        for key in now.servers.keys() {
            self.masquerading(&now, key)?;
            self.firewall(&now, key)?;
        }
        self.pools(&now)?;
        self.rules(&now)
    }

    /// Whether a statement holds at both ends, where it is about something that is there.
    fn holds(&self, there: impl Fn(&View) -> bool, holds: impl Fn(&View) -> bool) -> bool {
        self.ends.iter().any(&there) && self.ends.iter().all(|end| !there(end) || holds(end))
    }

    /// Settings are made before anything is balanced that was not before.
    fn settings(&self, now: &View) -> Result<(), String> {
        let [before, after] = &self.ends;
        let new = now
            .servers
            .keys()
            .any(|key| !before.servers.contains_key(key));
        if new && now.sysctls != after.sysctls {
            return Err("a new virtual server before its settings".to_owned());
        }
        Ok(())
    }

    /// An address is guarded from the first moment to the last, comes after its virtual servers,
    /// and nothing on it is allowed that is not served.
    fn addresses(&self, now: &View) -> Result<(), String> {
        let [before, after] = &self.ends;
        for &address in &now.bound {
            let bound = |view: &View| view.bound.contains(&address);
            if self.holds(bound, |view| view.guarded(address)) && !now.guarded(address) {
                return Err(format!("{address} is there without its guard"));
            }
            if self.holds(bound, |view| view.serves(address))
                && after.bound.contains(&address)
                && !now.serves(address)
            {
                return Err(format!("{address} is there without a virtual server"));
            }
            if !before.bound.contains(&address) {
                for (key, wanted) in after
                    .servers
                    .iter()
                    .filter(|(key, _)| key.address == address)
                {
                    let found = now.servers.get(key).map(Vec::len);
                    if found.is_none_or(|found| found < wanted.len()) {
                        return Err(format!("{address} is there before {key} is complete"));
                    }
                }
            }
            for set in ALLOWING {
                for entry in &now.effective[&set] {
                    let Entry::IpPort(entry) = entry else {
                        continue;
                    };
                    let key = TransportAddress {
                        protocol: entry.protocol,
                        address: entry.address,
                        port: entry.port,
                    };
                    let served = |view: &View| view.servers.contains_key(&key);
                    if entry.address == address
                        && self.holds(|view| view.lists(set, &key), served)
                        && !served(now)
                    {
                        return Err(format!("{key} is allowed by {set:?} and not served"));
                    }
                }
            }
        }
        for address in before.bound.difference(&now.bound) {
            if !after.bound.contains(address) && !after.serves(*address) && now.serves(*address) {
                return Err(format!("{address} goes before its virtual servers"));
            }
        }
        Ok(())
    }

    /// What is masqueraded at both ends is so in between, and what is not goes to no destination
    /// that needs it.
    fn masquerading(&self, now: &View, key: &TransportAddress) -> Result<(), String> {
        let taking = now.taking(key);
        if taking.is_empty() {
            return Ok(());
        }
        let served = |view: &View| view.servers.contains_key(key);
        for set in MASQUERADING {
            if self.holds(served, |view| view.has(set, key)) && !now.has(set, key) {
                return Err(format!("{key} is not masqueraded by {set:?}"));
            }
        }
        for set in UNMASKING {
            if !now.has(set, key) {
                continue;
            }
            let local: BTreeSet<IpAddr> = self
                .ends
                .iter()
                .filter(|view| view.has(set, key))
                .flat_map(|view| view.servers.get(key).into_iter().flatten())
                .map(|destination| destination.address)
                .collect();
            if !taking.is_subset(&local) {
                return Err(format!(
                    "{key} keeps the sender's address on the way to {taking:?}"
                ));
            }
        }
        Ok(())
    }

    /// What is restricted at both ends is so in between, and nobody is shut out who is not at
    /// either end.
    fn firewall(&self, now: &View, key: &TransportAddress) -> Result<(), String> {
        if now.taking(key).is_empty() {
            return Ok(());
        }
        let served = |view: &View| view.servers.contains_key(key);
        let restricted = |view: &View| view.has(KubeSet::LoadBalancerFw, key);
        if self.holds(served, restricted) && !restricted(now) {
            return Err(format!("{key} is open to everybody"));
        }
        if !restricted(now) {
            return Ok(());
        }
        for set in [
            KubeSet::LoadBalancerSourceCidr,
            KubeSet::LoadBalancerSourceIp,
        ] {
            let exceptions = |view: &View| -> Option<BTreeSet<Entry>> {
                restricted(view).then(|| {
                    let entries = view.effective[&set].iter();
                    entries
                        .filter(|entry| about(&BTreeSet::from([**entry]), set, key))
                        .copied()
                        .collect()
                })
            };
            let ends = self.ends.iter().filter(|view| served(view));
            let common = ends.filter_map(exceptions).reduce(|a, b| &a & &b);
            if let Some(common) = common
                && !common.is_subset(&now.effective[&set])
            {
                return Err(format!("{key} shuts out {set:?}"));
            }
        }
        Ok(())
    }

    /// A pool that takes connections at both ends never runs empty, and keeps its virtual server.
    fn pools(&self, now: &View) -> Result<(), String> {
        let [before, after] = &self.ends;
        let takes = |view: &View, key: &TransportAddress| {
            let destinations = view.servers.get(key).into_iter().flatten();
            destinations
                .into_iter()
                .any(|destination| destination.weight > 0)
        };
        for key in before
            .servers
            .keys()
            .filter(|key| after.servers.contains_key(key))
        {
            if !now.servers.contains_key(key) {
                return Err(format!("{key} is gone for a moment"));
            }
            let reached = |view: &View| !view.taking(key).is_empty();
            if reached(before) && reached(after) && !reached(now) {
                return Err(format!("{key} is out of reach for a moment"));
            }
            if takes(before, key) && takes(after, key) && !takes(now, key) {
                return Err(format!("{key} has no destination for a moment"));
            }
        }
        Ok(())
    }

    /// Rules that are there at both ends are there in between, in their order.
    fn rules(&self, now: &View) -> Result<(), String> {
        let [before, after] = &self.ends;
        for (chain, rules) in &before.rules {
            let Some(wanted) = after.rules.get(chain) else {
                continue;
            };
            let Some(found) = now.rules.get(chain) else {
                return Err(format!("{chain} is gone for a moment"));
            };
            for rule in rules.iter().filter(|rule| wanted.contains(rule)) {
                if !found.contains(rule) {
                    return Err(format!("{chain} lacks for a moment: {rule}"));
                }
            }
        }
        Ok(())
    }
}
