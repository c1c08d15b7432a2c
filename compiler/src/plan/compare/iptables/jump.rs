//! Jumps from the kernel's own chains into ours.

use std::collections::BTreeMap;

use crate::kernel::iptables::{ChainName, Jump, SavedRule, SavedTable, Table};
use crate::model::IpFamily;
use crate::plan::compare::{Comparison, Effect};
use crate::plan::{Delta, IptablesChange, RuleChain, RulePosition, Subject};

/// Missing jumps go where they belong among those that are there, at the top if none is; those that
/// are there stay where they are. Gives what the kernel's chains have then.
pub(super) fn compare(
    family: IpFamily,
    table: &Table,
    found: Option<&SavedTable>,
    comparison: &mut Comparison,
) -> BTreeMap<ChainName, Vec<SavedRule>> {
    let mut after = BTreeMap::new();
    for jumps in table.jumps.chunk_by(|a, b| a.from == b.from) {
        let Some(Jump { from, .. }) = jumps.first() else {
            continue;
        };
        let mut rules: Vec<SavedRule> = found
            .and_then(|table| table.chain(from))
            .map(|chain| chain.rules.clone())
            .unwrap_or_default();
        let position = |jump: &Jump, rules: &[SavedRule]| {
            rules
                .iter()
                .position(|rule| matches!(rule, SavedRule::Known(rule) if *rule == jump.rule))
        };
        let mut last: Option<usize> = None;
        for (at, jump) in jumps.iter().enumerate() {
            if let Some(here) = position(jump, &rules) {
                last = Some(here);
                continue;
            }
            let next = jumps[at + 1..]
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
            let subject = Subject::Iptables(IptablesChange::Jump(chain, Delta::Add(position)));
            comparison.step(subject, Effect::PLAIN, &[]);
        }
        after.insert(from.clone(), rules);
    }
    after
}
