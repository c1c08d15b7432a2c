//! Who answers where, read off the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::kernel::Listener;
use crate::kernel::iptables::{
    Chain, Match, Recent, Rule, Ruleset, Saved, SavedRule, TableName, Target,
};
use crate::kernel::ipvs::Persistence;
use crate::mode::kube_chain::{HashedChain, KubeChain};
use crate::mode::{Answer, ListenerKind, NodeState, Served};
use crate::model::service::TrafficPolicy;
use crate::model::{IpFamily, Mode, TransportAddress};

/// Chains of table nat that take what is sent to Services.
const TAKING: [KubeChain; 2] = [KubeChain::Services, KubeChain::NodePorts];

/// Chains of table filter that refuse what is sent to Services in vain.
const REFUSING: [KubeChain; 2] = [KubeChain::Services, KubeChain::ExternalServices];

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
    if state.mode() != Mode::Iptables {
        return entrances;
    }
    for (family, ruleset) in [
        (IpFamily::V4, state.rules(IpFamily::V4)),
        (IpFamily::V6, state.rules(IpFamily::V6)),
    ] {
        for table in &ruleset.tables {
            let shared: &[KubeChain] = match table.name {
                TableName::Nat => &TAKING,
                TableName::Filter => &REFUSING,
                TableName::Mangle => &[],
            };
            let is_shared = |chain: &&Chain| {
                let name = chain.name.as_str();
                shared.iter().any(|known| known.as_str() == name)
            };
            let chains = table.chains.iter().filter(is_shared);
            for rule in chains.flat_map(|chain| &chain.rules) {
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
            for rule in self.chain(TableName::Nat, name.as_str()) {
                let (Some(listener), Target::Chain(chain)) =
                    (listener(self.family, rule), &rule.target)
                else {
                    continue;
                };
                // Every other chain that rules on addresses lead to only marks.
                if chain.as_str() != KubeChain::MarkMasq.as_str() {
                    let answer = served.entry(listener).or_default();
                    answer.kind = answer.kind.or(kind(listener, rule));
                    self.entrance(chain.as_str(), answer);
                }
            }
        }
        for name in REFUSING {
            for rule in self.chain(TableName::Filter, name.as_str()) {
                if matches!(rule.target, Target::Reject(_) | Target::Drop)
                    && let Some(listener) = listener(self.family, rule)
                {
                    let answer = served.entry(listener).or_default();
                    answer.kind = answer.kind.or(kind(listener, rule));
                    if rule.target == Target::Drop {
                        answer.policy = Some(TrafficPolicy::Local);
                    }
                }
            }
        }
        served
    }

    /// The chain that takes what is sent to an address.
    fn entrance(&self, chain: &'a str, answer: &mut Answer) {
        self.reach(chain, &mut answer.endpoints, &mut answer.affinity);
        let mut inner = chain;
        if HashedChain::of(chain) == Some(HashedChain::Firewall) {
            let rules = self.chain(TableName::Nat, chain);
            answer.sources = Some(rules.iter().filter_map(|rule| rule.source()).collect());
            let leads = rules.iter().find_map(|rule| next(rule));
            inner = leads.unwrap_or(chain);
        }
        if HashedChain::of(inner) != Some(HashedChain::External) {
            answer.outside.clone_from(&answer.endpoints);
            return;
        }
        // What comes from outside meets no condition on its way.
        let rules = self.chain(TableName::Nat, inner);
        let mut plain = rules.iter().filter(|rule| rule.matches.is_empty());
        let balancing = plain.find_map(|rule| next(rule));
        let cluster = balancing.and_then(HashedChain::of) == Some(HashedChain::Cluster);
        answer.policy = Some(if cluster {
            TrafficPolicy::Cluster
        } else {
            TrafficPolicy::Local
        });
        if let Some(chain) = balancing {
            self.reach(chain, &mut answer.outside, &mut answer.affinity);
        }
    }

    /// Where packets may be sent on to from a chain.
    fn reach(
        &self,
        chain: &'a str,
        endpoints: &mut BTreeSet<SocketAddr>,
        affinity: &mut Persistence,
    ) {
        let mut seen = BTreeSet::new();
        let mut open = vec![chain];
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            for rule in self.chain(TableName::Nat, name) {
                if let Target::Dnat(endpoint) = &rule.target {
                    endpoints.insert(*endpoint);
                }
                open.extend(next(rule));
                *affinity = rule.matches.iter().find_map(kept).unwrap_or(*affinity);
            }
        }
    }
}

fn next(rule: &Rule) -> Option<&str> {
    match &rule.target {
        Target::Chain(chain) => Some(chain.as_str()),
        _ => None,
    }
}

fn kept(part: &Match) -> Option<Persistence> {
    match part {
        Match::Recent {
            usage: Recent::Check { seconds },
            ..
        } => Some(Persistence::Timeout(*seconds)),
        _ => None,
    }
}

/// What a rule's comment calls its address.
fn kind(listener: Listener, rule: &Rule) -> Option<ListenerKind> {
    if let Listener::NodePort(..) = listener {
        return Some(ListenerKind::NodePort);
    }
    let comment = rule.comment()?;
    [
        (" cluster IP", ListenerKind::ClusterIp),
        (" external IP", ListenerKind::ExternalIp),
        (" loadbalancer IP", ListenerKind::LoadBalancer),
    ]
    .into_iter()
    .find_map(|(end, kind)| comment.ends_with(end).then_some(kind))
}

/// What a rule of a chain that all Services share is about: an address and a port, or a port alone.
pub fn listener(family: IpFamily, rule: &Rule) -> Option<Listener> {
    let (protocol, Some(port)) = rule.transport()? else {
        return None;
    };
    let address = rule.destination().map(|net| net.addr());
    Some(match address {
        Some(address) => Listener::Address(TransportAddress {
            address,
            protocol,
            port,
        }),
        None => Listener::NodePort(family, protocol, port),
    })
}
