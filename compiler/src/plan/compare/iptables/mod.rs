//! Chains, which are ours by name, and the jumps into them.

mod chain;
mod jump;
mod unwanted;

use std::collections::BTreeMap;

use super::ipset::Replaced;
use super::{Comparison, Effect};
use crate::kernel::ipset::SetName;
use crate::kernel::iptables::{ChainName, Ruleset, Saved, SavedRule, Table, TableName};
use crate::mode::{NodeState, kube_proxy};
use crate::model::{IpFamily, Mode};
use crate::observed::Observed;
use crate::plan::order::Rank;
use crate::plan::{Claims, Delta, IptablesChange, LeftAlone, PlanError, RuleChain, Subject};
use chain::Exchange;

pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    replaced: &BTreeMap<SetName, Replaced>,
    comparison: &mut Comparison,
) -> Result<(), PlanError> {
    let effect = match state.mode() {
        Mode::Ipvs => Exchange::Guarded,
        Mode::Iptables | Mode::Nftables => Exchange::AtOnce,
    };
    for (family, ruleset) in [
        (IpFamily::V4, state.rules(IpFamily::V4)),
        (IpFamily::V6, state.rules(IpFamily::V6)),
    ] {
        let saved = observed.rules(family);
        let mut builtin = BTreeMap::new();
        refuse_other_references(ruleset, saved, replaced)?;
        for table in &ruleset.tables {
            let found = saved.table(table.name);
            for wanted in &table.chains {
                let at = RuleChain {
                    family,
                    table: table.name,
                    chain: wanted.name.clone(),
                };
                let rules = found
                    .and_then(|table| table.chain(&wanted.name))
                    .map(|chain| release(&at, &chain.rules, replaced, comparison));
                chain::compare(at, wanted, rules, effect, comparison);
            }
            let jumped = jump::compare(family, table, found, comparison);
            builtin.extend(
                jumped
                    .into_iter()
                    .map(|(chain, rules)| ((table.name, chain), rules)),
            );
        }
        let asked = unwanted::Asked {
            family,
            mode: state.mode(),
            ruleset,
            builtin,
        };
        unwanted::compare(&asked, saved, claims, comparison);
        other_variant(family, observed, comparison);
    }
    Ok(())
}

/// What kube-proxy has in the variant of iptables that the node's programs do not speak to. No step can
/// reach it, and packets pass it all the same.
fn other_variant(family: IpFamily, observed: &Observed, comparison: &mut Comparison) {
    let Some(other) = &observed.other_iptables else {
        return;
    };
    if other.unseen.contains(&family) {
        let unseen = LeftAlone::UnseenVariant(other.variant, family);
        comparison.left_alone.push(unseen);
    }
    for table in TableName::ALL {
        let chains = other.rules(family).table(table);
        let chains = chains.into_iter().flat_map(|table| &table.chains);
        let names = chains
            .filter(|chain| kube_proxy::has_chain(table, &chain.name))
            .filter_map(|chain| ChainName::new(&chain.name));
        comparison.left_alone.extend(names.map(|chain| {
            let at = RuleChain {
                family,
                table,
                chain,
            };
            LeftAlone::OtherVariant(other.variant, at)
        }));
    }
}

/// The rules of a chain of ours, without those that keep a set from being replaced: a step takes
/// them out.
fn release(
    at: &RuleChain,
    rules: &[SavedRule],
    replaced: &BTreeMap<SetName, Replaced>,
    comparison: &mut Comparison,
) -> Vec<SavedRule> {
    let keeps = |rule: &&SavedRule| !replaced.keys().any(|set| rule.names_set(set));
    let released: Vec<SavedRule> = rules.iter().filter(keeps).cloned().collect();
    if released.len() < rules.len() {
        let delta = Delta::Change {
            from: rules.to_vec(),
            to: released.clone(),
        };
        let subject = Subject::Iptables(IptablesChange::Chain(at.clone(), delta));
        comparison.step_at(Rank::Release, subject, Effect::TRANSITIONAL, &[]);
    }
    released
}

/// A set cannot be replaced as long as other software's rules name it.
fn refuse_other_references(
    ruleset: &Ruleset,
    saved: &Saved,
    replaced: &BTreeMap<SetName, Replaced>,
) -> Result<(), PlanError> {
    if replaced.is_empty() {
        return Ok(());
    }
    for table in &saved.tables {
        let ours = ruleset
            .tables
            .iter()
            .find(|ours| ours.name.as_str() == &*table.name);
        for chain in &table.chains {
            if ours.is_some_and(|ours| is_ours(ours, &chain.name)) {
                continue;
            }
            for (set, why) in replaced {
                if chain.rules.iter().any(|rule| rule.names_set(set)) {
                    return Err(PlanError::SetInUse {
                        set: set.clone(),
                        found: why.found.clone(),
                        wanted: why.wanted.clone(),
                        chain: format!("{} {}", table.name, chain.name).into(),
                    });
                }
            }
        }
    }
    Ok(())
}

fn is_ours(table: &Table, chain: &str) -> bool {
    table.chains.iter().any(|ours| ours.name.as_str() == chain)
}
