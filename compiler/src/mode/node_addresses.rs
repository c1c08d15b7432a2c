//! The node's own addresses, as far as what it keeps names them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::NodeState;
use crate::kernel::iptables::{Match, Negation, Rule, Target};
use crate::kernel::nftables::{Key, SetName, Table};
use crate::model::IpFamily;

impl NodeState {
    /// The node's own addresses that it serves node ports at, as far as its mode keeps them: in mode
    /// iptables only where ranges are configured, and nowhere without a node port.
    pub fn node_addresses(&self) -> BTreeSet<IpAddr> {
        let bound: BTreeSet<IpAddr> = self.addresses().iter().map(|(one, _)| *one).collect();
        let servers = self.virtual_servers().iter().map(|one| one.key.address);
        let servers = servers.filter(|address| !bound.contains(address));
        let sets = self.tables().iter().flat_map(of_table);
        let rules = IpFamily::ALL.into_iter().flat_map(|family| {
            let tables = &self.rules(family).tables;
            let chains = tables.iter().flat_map(|table| &table.chains);
            chains.flat_map(|chain| &chain.rules).filter_map(of_rule)
        });
        servers.chain(sets).chain(rules).collect()
    }
}

fn of_table(table: &Table) -> impl Iterator<Item = IpAddr> {
    let set = table.sets.get(&SetName::NodePortIps);
    let keys = set.into_iter().flat_map(|set| set.keys());
    keys.filter_map(|key| match key {
        Key::Address(address) => Some(*address),
        _ => None,
    })
}

/// `-d 192.0.2.11/32 … -j KUBE-NODEPORTS`.
fn of_rule(rule: &Rule) -> Option<IpAddr> {
    let Target::Chain(chain) = &rule.target else {
        return None;
    };
    let mut matches = rule.matches.iter();
    matches.find_map(|part| match part {
        Match::Destination(Negation::Is, net)
            if chain.as_str() == "KUBE-NODEPORTS" && net.prefix_len() == net.max_prefix_len() =>
        {
            Some(net.addr())
        }
        _ => None,
    })
}
