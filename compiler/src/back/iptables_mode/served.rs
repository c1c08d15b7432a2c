//! Who answers where, read off the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::back::iptables::{Match, Negation, Rule, Ruleset, Saved, SavedRule, TableName, Target};
use crate::back::ipvs::VirtualServerKey;
use crate::back::{Listener, NodeState, Served};
use crate::model::{IpFamily, Mode};

/// Chains of table nat that take what is sent to Services.
const TAKING: [&str; 2] = ["KUBE-SERVICES", "KUBE-NODEPORTS"];

/// Chains of table filter that refuse what is sent to Services in vain.
const REFUSING: [&str; 2] = ["KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES"];

/// Chains of tables nat and filter, and their rules as far as our types express them.
struct Rules<'a> {
    family: IpFamily,
    chains: BTreeMap<(TableName, &'a str), Vec<&'a Rule>>,
}

/// What a family's rules serve.
pub fn served(family: IpFamily, ruleset: &Ruleset) -> Served {
    let mut chains = BTreeMap::new();
    for table in &ruleset.tables {
        for chain in &table.chains {
            let key = (table.name, chain.name.as_str());
            chains.insert(key, chain.rules.iter().collect());
        }
    }
    Rules { family, chains }.served()
}

/// The rules that take or refuse what is sent to Services in mode iptables, and what each is about.
pub fn entrances(state: &NodeState) -> Vec<(Listener, &Rule)> {
    let mut entrances = Vec::new();
    if state.mode != Mode::Iptables {
        return entrances;
    }
    for (family, ruleset) in [
        (IpFamily::V4, &state.iptables),
        (IpFamily::V6, &state.ip6tables),
    ] {
        for table in &ruleset.tables {
            let names: &[&str] = match table.name {
                TableName::Nat => &TAKING,
                TableName::Filter => &REFUSING,
                TableName::Mangle => &[],
            };
            let chains = table.chains.iter();
            let shared = chains.filter(|chain| names.contains(&chain.name.as_str()));
            for rule in shared.flat_map(|chain| &chain.rules) {
                entrances.extend(listener(family, rule).map(|listener| (listener, rule)));
            }
        }
    }
    entrances
}

/// What a family's rules were found to serve.
pub fn found(family: IpFamily, saved: &Saved) -> Served {
    let mut chains = BTreeMap::new();
    for name in TableName::WITH_RULES {
        for chain in saved
            .table(name)
            .into_iter()
            .flat_map(|table| &table.chains)
        {
            let known = chain.rules.iter().filter_map(|rule| match rule {
                SavedRule::Known(rule) => Some(rule),
                SavedRule::Foreign(_) => None,
            });
            chains.insert((name, &*chain.name), known.collect());
        }
    }
    Rules { family, chains }.served()
}

impl<'a> Rules<'a> {
    fn chain(&self, table: TableName, name: &'a str) -> &[&'a Rule] {
        self.chains.get(&(table, name)).map_or(&[], Vec::as_slice)
    }

    fn served(&self) -> Served {
        let mut served = Served::new();
        for name in TAKING {
            for rule in self.chain(TableName::Nat, name) {
                let (Some(listener), Target::Chain(chain)) =
                    (listener(self.family, rule), &rule.target)
                else {
                    continue;
                };
                // Every other chain that rules on addresses lead to only marks.
                if chain.as_str() != "KUBE-MARK-MASQ" {
                    let endpoints = served.entry(listener).or_default();
                    self.endpoints(chain.as_str(), endpoints);
                }
            }
        }
        for name in REFUSING {
            for rule in self.chain(TableName::Filter, name) {
                if matches!(rule.target, Target::Reject(_) | Target::Drop)
                    && let Some(listener) = listener(self.family, rule)
                {
                    served.entry(listener).or_default();
                }
            }
        }
        served
    }

    /// Where packets may be sent on to from a chain.
    fn endpoints(&self, chain: &'a str, endpoints: &mut BTreeSet<SocketAddr>) {
        let mut seen = BTreeSet::new();
        let mut open = vec![chain];
        while let Some(name) = open.pop() {
            if !seen.insert(name.to_owned()) {
                continue;
            }
            for rule in self.chain(TableName::Nat, name) {
                match &rule.target {
                    Target::Dnat(endpoint) => {
                        endpoints.insert(*endpoint);
                    }
                    Target::Chain(next) => open.push(next.as_str()),
                    _ => {}
                }
            }
        }
    }
}

/// What a rule of a shared chain is about: an address and a port, or a port alone.
fn listener(family: IpFamily, rule: &Rule) -> Option<Listener> {
    let (protocol, port) = rule.matches.iter().find_map(|part| match part {
        Match::Transport(protocol, Some(port)) => Some((*protocol, *port)),
        _ => None,
    })?;
    let address = rule.matches.iter().find_map(|part| match part {
        Match::Destination(Negation::Is, net) => Some(net.addr()),
        _ => None,
    });
    Some(match address {
        Some(address) => Listener::Address(VirtualServerKey {
            protocol,
            address,
            port,
        }),
        None => Listener::NodePort(family, protocol, port),
    })
}
