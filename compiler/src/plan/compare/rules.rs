//! Chains, which are ours by name, and the jumps into them.

use super::Comparison;
use crate::back::iptables::{Jump, Ruleset, Saved, SavedRule, SavedTable, Table};
use crate::back::ipvs::NodeState;
use crate::model::IpFamily;
use crate::observed::Observed;
use crate::plan::{Delta, RuleChain, RulePosition, Subject};
use crate::source::Origin;

pub(super) fn compare(state: &NodeState, observed: &Observed, comparison: &mut Comparison) {
    for (family, ruleset) in [
        (IpFamily::V4, &state.iptables),
        (IpFamily::V6, &state.ip6tables),
    ] {
        tables(family, ruleset, observed.rules(family), comparison);
    }
}

fn tables(family: IpFamily, ruleset: &Ruleset, saved: &Saved, comparison: &mut Comparison) {
    for table in &ruleset.tables {
        let found = saved.table(table.name);
        chains(family, table, found, comparison);
        jumps(family, table, found, comparison);
    }
}

fn chains(
    family: IpFamily,
    table: &Table,
    found: Option<&SavedTable>,
    comparison: &mut Comparison,
) {
    for wanted in &table.chains {
        let to: Vec<SavedRule> = wanted
            .rules
            .iter()
            .map(|rule| {
                let origins = Vec::new();
                SavedRule::Known(crate::back::iptables::Rule {
                    origins,
                    ..rule.clone()
                })
            })
            .collect();
        let from = found
            .and_then(|table| table.chain(&wanted.name))
            .map(|chain| chain.rules.clone());
        if let Some(delta) = Delta::between(from, Some(to)) {
            let chain = RuleChain {
                family,
                table: table.name,
                chain: wanted.name.clone(),
            };
            let origins: Vec<Origin> = wanted
                .rules
                .iter()
                .flat_map(|rule| rule.origins.iter().copied())
                .collect();
            comparison.step(Subject::Chain(chain, delta), &origins);
        }
    }
}

/// Missing jumps go where they belong among those that are there, at the top if none is; those that
/// are there stay where they are.
fn jumps(family: IpFamily, table: &Table, found: Option<&SavedTable>, comparison: &mut Comparison) {
    for chain_jumps in table.jumps.chunk_by(|a, b| a.from == b.from) {
        let Some(Jump { from, .. }) = chain_jumps.first() else {
            continue;
        };
        let mut rules: Vec<SavedRule> = found
            .and_then(|table| table.chain(from))
            .map(|chain| chain.rules.clone())
            .unwrap_or_default();
        let mut last: Option<usize> = None;
        for (at, jump) in chain_jumps.iter().enumerate() {
            let position = |jump: &Jump, rules: &[SavedRule]| {
                rules
                    .iter()
                    .position(|rule| *rule == SavedRule::Known(jump.rule.clone()))
            };
            if let Some(here) = position(jump, &rules) {
                last = Some(here);
                continue;
            }
            let next = chain_jumps[at + 1..]
                .iter()
                .find_map(|later| position(later, &rules));
            let index = match (last, next) {
                (Some(last), _) => last + 1,
                (None, Some(next)) => next,
                (None, None) => 0,
            };
            rules.insert(index, SavedRule::Known(jump.rule.clone()));
            last = Some(index);
            let chain = RuleChain {
                family,
                table: table.name,
                chain: from.clone(),
            };
            let position = RulePosition {
                number: index + 1,
                rule: jump.rule.clone(),
            };
            comparison.step(Subject::Jump(chain, Delta::Add(position)), &[]);
        }
    }
}
