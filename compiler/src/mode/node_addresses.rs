//! The node's own addresses and those of endpoints, as far as what it keeps names them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::NodeState;
use super::kube_chain::KubeChain;
use crate::kernel::iptables::{Match, Negation, Rule, Target};
use crate::kernel::nftables::{Key, SetName, Table, Value};
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

    /// The addresses of all endpoints that it sends to.
    pub fn endpoint_addresses(&self) -> BTreeSet<IpAddr> {
        let servers = self.virtual_servers().iter();
        let destinations = servers.flat_map(|one| &one.destinations);
        let sets = self.tables().iter().flat_map(|table| table.sets.values());
        let values = sets
            .flat_map(|set| set.values())
            .filter_map(|element| match element.value {
                Some(Value::Endpoint(socket)) => Some(socket.ip()),
                _ => None,
            });
        let rules = IpFamily::ALL.into_iter().flat_map(|family| {
            let tables = &self.rules(family).tables;
            let chains = tables.iter().flat_map(|table| &table.chains);
            let targets = chains.flat_map(|chain| &chain.rules);
            targets.filter_map(|rule| match &rule.target {
                Target::Dnat(socket) => Some(socket.ip()),
                _ => None,
            })
        });
        let destinations = destinations.map(|one| one.address);
        destinations.chain(values).chain(rules).collect()
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
            if chain.as_str() == KubeChain::NodePorts.as_str()
                && net.prefix_len() == net.max_prefix_len() =>
        {
            Some(net.addr())
        }
        _ => None,
    })
}
