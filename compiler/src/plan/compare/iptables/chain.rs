//! One chain of ours.
//!
//! Where rules only guard what virtual servers do, a chain gets the rules it lacks before virtual servers come, and loses those it should not have
//! after virtual servers went: a filter that guards a server stays as long as the server does. In
//! between it holds both.

use std::collections::BTreeMap;

use crate::kernel::iptables::{Chain, Rule, SavedRule, drops, same_rules};
use crate::plan::compare::{Comparison, Effect};
use crate::plan::order::Rank;
use crate::plan::{Delta, IptablesChange, RuleChain, Subject};
use crate::source::Origins;

/// How a chain's rules are exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exchange {
    /// With a state in between that has both.
    Guarded,
    /// In one go: the rules themselves send packets on, and a table changes as a whole.
    AtOnce,
}

pub(super) fn compare(
    at: RuleChain,
    wanted: &Chain,
    found: Option<Vec<SavedRule>>,
    exchange: Exchange,
    comparison: &mut Comparison,
) {
    let bare = |rule: &Rule| {
        SavedRule::Known(Rule {
            origins: Origins::new(),
            ..rule.clone()
        })
    };
    let to: Vec<SavedRule> = wanted.rules.iter().map(bare).collect();
    let origins: Origins = wanted
        .rules
        .iter()
        .flat_map(|rule| rule.origins.iter().copied())
        .collect();
    let Some(from) = found else {
        let subject = Subject::Iptables(IptablesChange::Chain(at, Delta::Add(to)));
        comparison.step(subject, Effect::PLAIN, &origins);
        return;
    };
    if same_rules(&from, &to) {
        return;
    }
    let both = match exchange {
        Exchange::Guarded => both(&from, &to),
        Exchange::AtOnce => to.clone(),
    };
    let mut change = |rank, from, to, effect| {
        let subject = Subject::Iptables(IptablesChange::Chain(
            at.clone(),
            Delta::Change { from, to },
        ));
        comparison.step_at(rank, subject, effect, &origins);
    };
    if both == to {
        change(Rank::Chains, from, to, Effect::PLAIN);
    } else if both == from {
        change(Rank::OldRules, from, to, Effect::PLAIN);
    } else {
        change(Rank::Chains, from, both.clone(), Effect::TRANSITIONAL);
        change(Rank::OldRules, both, to, Effect::PLAIN);
    }
}

/// All rules of either list, in either's order.
fn both(from: &[SavedRule], to: &[SavedRule]) -> Vec<SavedRule> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, rule) in from.iter().enumerate().rev() {
        places.entry(rule.to_string()).or_default().push(place);
    }
    let unordered = from.iter().chain(to).all(drops);
    let mut merged = Vec::with_capacity(from.len().max(to.len()));
    let mut next = 0;
    for rule in to {
        let found = places.get_mut(&rule.to_string()).and_then(|places| {
            while places
                .last()
                .is_some_and(|place| *place < next && !unordered)
            {
                places.pop();
            }
            places.pop()
        });
        match found {
            Some(_) if unordered => {}
            Some(place) => {
                merged.extend_from_slice(&from[next..=place]);
                next = place + 1;
            }
            None => merged.push(rule.clone()),
        }
    }
    if unordered {
        // New ones come behind those that are there.
        return from.iter().cloned().chain(merged).collect();
    }
    merged.extend_from_slice(&from[next..]);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(texts: &str) -> Vec<SavedRule> {
        texts
            .split_whitespace()
            .map(|text| SavedRule::Foreign(text.into()))
            .collect()
    }

    #[test]
    fn both_holds_either_in_order() {
        for (from, to, expected) in [
            ("a b c", "a c", "a b c"),
            ("a c", "a b c", "a b c"),
            ("a x c", "a y c", "a y x c"),
            ("", "a", "a"),
            ("a b", "b a", "a b a"),
        ] {
            assert_eq!(
                both(&rules(from), &rules(to)),
                rules(expected),
                "{from} | {to}"
            );
        }
    }
}
