//! Chains that balance between endpoints, and those of the endpoints.

use crate::mode::kube_chain::{HashedChain, KubeChain};
use ipnet::IpNet;

use super::port::Lowering;
use crate::ir::{Affinity, Endpoint};
use crate::kernel::iptables::build::{comment, goto, rule_of};
use crate::kernel::iptables::{
    Chain, ChainName, Match, Negation, Probability, Recent, Rule, Target,
};

/// Whether rules about endpoints say what they are about. kube-proxy stops that in large clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    Written,
    LeftOut,
}

impl Comments {
    /// The most endpoints with which rules have comments (`largeClusterEndpointsThreshold`).
    const LARGE: usize = 1000;

    /// For a family with so many endpoints, usable or not.
    pub(super) fn of(endpoints: usize) -> Self {
        if endpoints > Self::LARGE {
            Self::LeftOut
        } else {
            Self::Written
        }
    }

    fn comment(self, text: impl FnOnce() -> String) -> Option<Match> {
        (self == Self::Written).then(|| comment(&text()))
    }
}

/// An endpoint with what its rules repeat.
struct Named<'a> {
    index: u32,
    endpoint: &'a Endpoint,
    /// Address and port.
    text: String,
    chain: ChainName,
}

pub(super) fn chains(lowering: &Lowering<'_>) -> Vec<Chain> {
    let port = lowering.port;
    let pools = &port.pools;
    let mut used: Vec<u32> = [&pools.cluster[..], &pools.local].concat();
    used.sort_unstable();
    used.dedup();
    let mut named: Vec<Named<'_>> = used
        .into_iter()
        .map(|index| {
            let endpoint = &port.endpoints[index as usize];
            Named {
                index,
                endpoint,
                text: endpoint.socket().to_string(),
                chain: lowering.names.endpoint(endpoint.socket()),
            }
        })
        .collect();
    // kube-proxy's order is that of text.
    named.sort_by(|a, b| a.text.cmp(&b.text));
    let mut chains = Vec::with_capacity(named.len() + 2);
    for (kind, pool) in [
        (HashedChain::Cluster, &pools.cluster),
        (HashedChain::Local, &pools.local),
    ] {
        let chosen: Vec<&Named<'_>> = named
            .iter()
            .filter(|one| pool.binary_search(&one.index).is_ok())
            .collect();
        if !chosen.is_empty() {
            chains.push(Chain {
                name: lowering.names.chain(kind),
                rules: balance(lowering, &chosen),
            });
        }
    }
    chains.extend(named.iter().map(|one| endpoint(lowering, one)));
    chains
}

/// First the clients that have an endpoint already, then all by chance.
fn balance(lowering: &Lowering<'_>, chosen: &[&Named<'_>]) -> Vec<Rule> {
    let family = lowering.port.key.family;
    let to = |one: &Named<'_>, how: Option<Match>| {
        let text = || format!("{} -> {}", lowering.label, one.text);
        let matches: Vec<Match> = lowering
            .comments
            .comment(text)
            .into_iter()
            .chain(how)
            .collect();
        let target = Target::Chain(one.chain.clone());
        rule_of(one.endpoint.origin, matches, target)
    };
    let mut rules = Vec::with_capacity(chosen.len());
    if let Affinity::ClientIp { timeout } = lowering.port.affinity {
        rules.extend(chosen.iter().map(|one| {
            let recent = Match::Recent {
                usage: Recent::Check { seconds: timeout },
                list: one.chain.clone(),
                family,
            };
            to(one, Some(recent))
        }));
    }
    let left = (1..=chosen.len()).rev();
    rules.extend(chosen.iter().zip(left).map(|(one, left)| {
        let chance = (left > 1).then(|| Match::Random(Probability::one_of(left)));
        to(one, chance)
    }));
    rules
}

fn endpoint(lowering: &Lowering<'_>, one: &Named<'_>) -> Chain {
    let protocol = lowering.protocol();
    let origin = one.endpoint.origin;
    let why = lowering.comments.comment(|| lowering.label.clone());
    let own = Match::Source(Negation::Is, IpNet::from(one.endpoint.address));
    // A packet that comes back to its sender must be masqueraded.
    let hairpin: Vec<Match> = [own].into_iter().chain(why.clone()).collect();
    let mut matches: Vec<Match> = [Match::Protocol(protocol)].into_iter().chain(why).collect();
    if lowering.port.affinity != Affinity::None {
        matches.push(Match::Recent {
            usage: Recent::Set,
            list: one.chain.clone(),
            family: lowering.port.key.family,
        });
    }
    matches.push(Match::Transport(protocol, None));
    Chain {
        name: one.chain.clone(),
        rules: vec![
            rule_of(origin, hairpin, goto(KubeChain::MarkMasq)),
            rule_of(origin, matches, Target::Dnat(one.endpoint.socket())),
        ],
    }
}
