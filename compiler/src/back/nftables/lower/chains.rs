//! Chains that depend on the Services: one for each size of a pool, one for each timeout.

use std::collections::BTreeSet;

use super::frame::rule;
use crate::back::nftables::Table;
use crate::back::nftables::element::{Value, Verdict};
use crate::back::nftables::names::{ChainName, Place, SetName, Sticky};
use crate::back::nftables::rule::{Expression, Rule, Statement};
use crate::model::Protocol;

/// Those that elements lead to.
pub(super) fn led_to(table: &Table) -> BTreeSet<ChainName> {
    let elements = table.sets.values().flat_map(|elements| elements.values());
    let targets = elements.filter_map(|element| match element.value? {
        Value::Verdict(Verdict::Jump(chain) | Verdict::Goto(chain)) => Some(chain),
        _ => None,
    });
    targets
        .filter(|chain| matches!(chain, ChainName::Balance(_) | ChainName::Remember(_)))
        .collect()
}

pub(super) fn rules(name: ChainName) -> Vec<Rule> {
    match name {
        ChainName::Balance(balance) => {
            let known = Statement::Dnat(Expression::ClientAndFrontend, SetName::Affinity);
            let slot = match balance.place {
                Place::Address => Expression::FrontendSlot(balance.size),
                Place::NodePort => Expression::NodePortSlot(balance.size),
            };
            let any = Statement::Dnat(slot, balance.endpoints());
            let known = (balance.affinity == Sticky::Yes).then_some(known);
            known
                .into_iter()
                .chain([any])
                .map(|one| rule([], one))
                .collect()
        }
        ChainName::Remember(seconds) => Protocol::ALL
            .map(|protocol| rule([], Statement::Remember(protocol, seconds)))
            .into(),
        _ => Vec::new(),
    }
}
