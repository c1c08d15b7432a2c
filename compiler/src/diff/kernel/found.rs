//! Objects of what a node keeps, asked for or found.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::numbers::Numbers;
use super::{KernelView, Knowledge, Object};
use crate::kernel::Part;
use crate::kernel::ipset::{Entry, Set, SetHeader};
use crate::kernel::iptables::{Rule, Ruleset, Saved, SavedRule, TableName, Target};
use crate::kernel::ipvs::{Persistence, VirtualServer};
use crate::kernel::nftables::{KubeProxyTable, Looked};
use crate::mode::ipvs::sets::KubeSet;
use crate::mode::{NodeState, kube_proxy};
use crate::model::{IpFamily, TransportAddress};
use crate::observed::Observed;

impl KernelView {
    /// What a node is asked to keep.
    pub fn of_state(state: &NodeState) -> Self {
        let mut view = Self::default();
        view.servers(state.virtual_servers());
        for (address, _) in state.addresses() {
            view.plain(Part::Dummy, &address.to_string());
        }
        state.sets().iter().for_each(|set| view.set(set));
        view.ruleset(Part::Iptables(IpFamily::V4), state.rules(IpFamily::V4));
        view.ruleset(Part::Iptables(IpFamily::V6), state.rules(IpFamily::V6));
        state.tables().iter().for_each(|table| view.table(table));
        for sysctl in &state.sysctls {
            view.value(Part::Sysctl, sysctl.key.as_str(), sysctl.value.to_string());
        }
        if let Some(timeouts) = state.timeouts() {
            view.value(Part::Sysctl, "IPVS timeouts", timeouts.to_string());
        }
        for module in &state.modules {
            view.plain(Part::Modules, module);
        }
        view.know(Knowledge::Whole, Knowledge::Whole);
        if state.modules.is_empty() {
            view.known.remove(&Part::Modules);
        }
        view
    }

    /// What a node was found to keep.
    pub fn of_observed(observed: &Observed) -> Self {
        let mut view = Self::default();
        view.servers(&observed.ipvs.servers);
        for foreign in &observed.ipvs.foreign {
            let name = foreign.lines.first().map_or("", |line| line);
            let object = Object::new(Part::Ipvs, "", Vec::new(), name);
            view.strangers.insert(object.clone());
            view.objects.insert(object, "of another kind".to_owned());
        }
        for address in observed.dummy.addresses() {
            view.plain(Part::Dummy, &address.to_string());
        }
        let sets = observed.ipset.sets.iter();
        sets.filter(|set| KubeSet::named(set.name.as_str()).is_some())
            .for_each(|set| view.set(set));
        view.saved(Part::Iptables(IpFamily::V4), observed.rules(IpFamily::V4));
        view.saved(Part::Iptables(IpFamily::V6), observed.rules(IpFamily::V6));
        let tables = observed.nftables.tables.iter().flatten();
        tables.for_each(|table| view.observed_table(table));
        for table in observed.nftables.kube_proxy.iter().flatten() {
            let name = format!("table {}", KubeProxyTable::name(table.family()));
            view.value(
                Part::Nftables(table.family()),
                &name,
                "of kube-proxy".to_owned(),
            );
        }
        for (key, value) in &observed.sysctl {
            view.value(Part::Sysctl, key.as_str(), value.to_string());
        }
        if let Some(timeouts) = observed.timeouts {
            view.value(Part::Sysctl, "IPVS timeouts", timeouts.to_string());
        }
        // A node has more settings than are asked for, and a capture may lack some.
        view.know(Knowledge::Some, Knowledge::Some);
        if observed.nftables.looked == Looked::Nowhere {
            for family in IpFamily::ALL {
                view.known.insert(Part::Nftables(family), Knowledge::Some);
            }
        }
        view
    }

    fn know(&mut self, settings: Knowledge, modules: Knowledge) {
        self.known = BTreeMap::from([
            (Part::Ipvs, Knowledge::Whole),
            (Part::Dummy, Knowledge::Whole),
            (Part::Ipset, Knowledge::Whole),
            (Part::Iptables(IpFamily::V4), Knowledge::Whole),
            (Part::Iptables(IpFamily::V6), Knowledge::Whole),
            (Part::Nftables(IpFamily::V4), Knowledge::Whole),
            (Part::Nftables(IpFamily::V6), Knowledge::Whole),
            (Part::Sysctl, settings),
            (Part::Modules, modules),
        ]);
    }

    pub(super) fn put(
        &mut self,
        part: Part,
        within: &str,
        order: Vec<u8>,
        name: &str,
        value: String,
    ) {
        let object = Object::new(part, within, order, name);
        self.objects.insert(object, value);
    }

    pub(super) fn value(&mut self, part: Part, name: &str, value: String) {
        self.put(part, "", Vec::new(), name, value);
    }

    fn plain(&mut self, part: Part, name: &str) {
        self.value(part, name, String::new());
    }

    fn servers(&mut self, servers: &[VirtualServer]) {
        for server in servers {
            let order = order(&server.key);
            let affinity = match server.persistence {
                Persistence::None => String::new(),
                Persistence::Timeout(seconds) => format!(" affinity {seconds} s"),
            };
            let value = format!("scheduler {}{affinity}", server.scheduler);
            let name = server.key.to_string();
            self.put(Part::Ipvs, "", order.clone(), &name, value);
            for one in &server.destinations {
                let socket = SocketAddr::new(one.address, one.port.get());
                let name = format!("{name} -> {socket}");
                let value = format!("weight {}", one.weight);
                self.put(Part::Ipvs, "", order.clone(), &name, value);
            }
        }
    }

    fn set(&mut self, set: &Set) {
        let name = set.name.as_str();
        let header = match set.header {
            // The kernel grows the rest.
            SetHeader::Hash { maxelem, .. } => {
                format!("{} maxelem {maxelem}", set.header.set_type().as_str())
            }
            SetHeader::Bitmap { .. } => set.header.to_string(),
        };
        self.put(Part::Ipset, name, Vec::new(), "create", header);
        for (entry, _) in &set.entries {
            let name_of_entry = entry.to_string();
            self.put(
                Part::Ipset,
                name,
                entry_order(*entry),
                &name_of_entry,
                String::new(),
            );
        }
    }

    fn ruleset(&mut self, part: Part, rules: &Ruleset) {
        for table in &rules.tables {
            for chain in &table.chains {
                let targets = chain.rules.iter().map(|rule| Some(&rule.target));
                let order = Order::of(targets);
                let within = format!("{} {}", table.name.as_str(), chain.name.as_str());
                let rules = chain.rules.iter().map(Rule::short).collect();
                self.rules(part, &within, rules, order);
            }
            for jump in &table.jumps {
                let within = format!("{} {}", table.name.as_str(), jump.from.as_str());
                self.put(part, &within, Vec::new(), &jump.rule.short(), String::new());
            }
        }
    }

    fn saved(&mut self, part: Part, saved: &Saved) {
        for name in TableName::ALL {
            let Some(table) = saved.table(name) else {
                continue;
            };
            for chain in &table.chains {
                if kube_proxy::has_prefix(&chain.name) {
                    if !kube_proxy::has_chain(name, &chain.name) {
                        let within = format!("{} {}", name.as_str(), chain.name);
                        self.strange_chains.insert((part, within.into()));
                    }
                    let targets = chain.rules.iter().map(|rule| match rule {
                        SavedRule::Known(rule) => Some(&rule.target),
                        SavedRule::Foreign(_) => None,
                    });
                    let order = Order::of(targets);
                    let within = format!("{} {}", name.as_str(), chain.name);
                    let rules = chain.rules.iter().map(SavedRule::short).collect();
                    self.rules(part, &within, rules, order);
                    continue;
                }
                for rule in &chain.rules {
                    if let SavedRule::Known(rule) = rule
                        && let Target::Chain(target) = &rule.target
                        && kube_proxy::has_prefix(target.as_str())
                    {
                        let within = format!("{} {}", name.as_str(), chain.name);
                        let jump = Object::new(part, &within, Vec::new(), &rule.short());
                        if !kube_proxy::has_chain(name, target.as_str()) {
                            self.strangers.insert(jump.clone());
                        }
                        self.objects.insert(jump, String::new());
                    }
                }
            }
        }
    }

    /// Rules are told apart by what they say, and equal ones by how many came before.
    pub(super) fn rules(&mut self, part: Part, within: &str, rules: Vec<String>, order: Order) {
        self.put(part, within, Vec::new(), "chain", String::new());
        let mut seen: BTreeMap<&str, u16> = BTreeMap::new();
        for rule in &rules {
            let number = seen.entry(rule).or_default();
            self.put(
                part,
                within,
                number.to_be_bytes().into(),
                rule,
                String::new(),
            );
            *number += 1;
        }
        if order == Order::Counts {
            self.orders.insert((part, within.into()), rules);
        }
    }
}

/// Whether it matters in which order rules stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Counts,
    IsFree,
}

impl Order {
    /// That of rules with these targets, where known: among rules that all drop, it says nothing.
    fn of<'r>(mut targets: impl Iterator<Item = Option<&'r Target>>) -> Self {
        if targets.all(|target| target == Some(&Target::Drop)) {
            Self::IsFree
        } else {
            Self::Counts
        }
    }
}

/// Entries as numbers sort them, after the set itself.
fn entry_order(entry: Entry) -> Vec<u8> {
    let order = Numbers::new().byte(1);
    match entry {
        Entry::Ip(ip) => order.address(ip),
        Entry::Port(port) => order.port(port),
        Entry::IpPort(key) | Entry::IpPortIp(key, _) | Entry::IpPortNet(key, _) => {
            let order = order.address(key.address);
            order.byte(key.protocol as u8).port(key.port.get())
        }
    }
    .bytes()
}

/// Virtual servers as they are listed everywhere.
fn order(key: &TransportAddress) -> Vec<u8> {
    let order = Numbers::new().byte(IpFamily::of(key.address) as u8);
    let order = order.byte(key.protocol as u8).address(key.address);
    order.port(key.port.get()).bytes()
}
