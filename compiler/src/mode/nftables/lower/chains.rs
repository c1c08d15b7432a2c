//! Chains that depend on the Services: one for each size of a pool, and those of Service ports that keep
//! their clients.

use std::collections::BTreeSet;

use super::frame::rule;
use crate::kernel::iptables::Negation;
use crate::kernel::nftables::{
    ChainName, Expression, FoundBy, Match, Memory, Rule, SetName, Statement, Table, Value, Verdict,
};
use crate::model::service::TrafficPolicy;

/// Those that elements lead to.
pub(in crate::mode::nftables) fn led_to(table: &Table) -> BTreeSet<ChainName> {
    let elements = table.sets.values().flat_map(|elements| elements.values());
    let targets = elements.filter_map(|element| match element.value? {
        Value::Verdict(Verdict::Jump(chain) | Verdict::Goto(chain)) => Some(chain),
        _ => None,
    });
    targets
        .filter(|chain| {
            matches!(
                chain,
                ChainName::Balance(_) | ChainName::Recall(_) | ChainName::Remember(..)
            )
        })
        .collect()
}

pub(in crate::mode::nftables) fn rules(name: ChainName, table: &Table) -> Vec<Rule> {
    match name {
        ChainName::Balance(balance) => {
            let slot = match balance.place {
                FoundBy::Address => Expression::FrontendSlot(balance.size),
                FoundBy::NodePort => Expression::NodePortSlot(balance.size),
            };
            vec![rule([], Statement::Dnat(slot, balance.endpoints()))]
        }
        ChainName::Recall(memory) => {
            let protocol = Match::Protocol(memory.port.0.protocol);
            let known = Statement::Dnat(Expression::Client, SetName::Affinity(memory));
            vec![rule([protocol], known)]
        }
        ChainName::Remember(port, seconds) => [TrafficPolicy::Cluster, TrafficPolicy::Local]
            .map(|policy| Memory { port, policy })
            .into_iter()
            .filter(|memory| table.sets.contains_key(&SetName::Affinity(*memory)))
            .map(|memory| {
                let members = SetName::Members(memory);
                let several = table.sets.contains_key(&members);
                let member = Match::InSet(Expression::Endpoint, Negation::Is, members);
                let matches: Vec<Match> = several.then_some(member).into_iter().collect();
                rule(matches, Statement::Remember(memory, seconds))
            })
            .collect(),
        _ => Vec::new(),
    }
}
