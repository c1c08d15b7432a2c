//! Where the order of rules says nothing: among rules that all drop, and among neighbours of which each
//! is about a port of another address. kube-proxy leaves it to chance there.

use std::fmt::Display;
use std::mem::discriminant;

use ipnet::IpNet;

use super::{Rule, SavedRule, Target};
use crate::model::{Port, Protocol};

/// A rule whose meaning is known, or another.
pub(crate) trait AnyRule: Display {
    /// The rule, where its meaning is known.
    fn known(&self) -> Option<&Rule>;
}

impl AnyRule for Rule {
    fn known(&self) -> Option<&Rule> {
        Some(self)
    }
}

impl AnyRule for SavedRule {
    fn known(&self) -> Option<&Rule> {
        match self {
            Self::Known(rule) => Some(rule),
            Self::Foreign(_) => None,
        }
    }
}

/// Whether two lists of rules do the same.
pub(crate) fn same_rules(from: &[SavedRule], to: &[SavedRule]) -> bool {
    from == to || from.len() == to.len() && in_one_order(from) == in_one_order(to)
}

/// The rules in one order, whichever of those that say the same they stand in.
pub(crate) fn in_one_order<R: AnyRule>(rules: &[R]) -> Vec<&R> {
    let mut ordered: Vec<&R> = rules.iter().collect();
    if rules.iter().all(drops) {
        ordered.sort_by_cached_key(ToString::to_string);
        return ordered;
    }
    let alike = |a: &&R, b: &&R| match (scope(*a), scope(*b)) {
        (Some(a), Some(b)) => discriminant(&a) == discriminant(&b),
        _ => false,
    };
    for run in ordered.chunk_by_mut(alike) {
        run.sort_by_key(|rule| scope(*rule));
        // Those about the same stay as they stand to each other, unless they do the same as well.
        for same in run.chunk_by_mut(|a, b| scope(*a) == scope(*b) && target(*a) == target(*b)) {
            if same.len() > 1 {
                same.sort_by_cached_key(ToString::to_string);
            }
        }
    }
    ordered
}

/// Whether a rule drops what it matches.
pub(crate) fn drops(rule: &impl AnyRule) -> bool {
    target(rule) == Some(&Target::Drop)
}

fn target(rule: &impl AnyRule) -> Option<&Target> {
    Some(&rule.known()?.target)
}

/// What a rule is about.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RuleScope {
    /// A port, of an address if it says so.
    Port(Option<IpNet>, Protocol, Port),
    /// A whole address.
    Address(IpNet),
}

fn scope(rule: &impl AnyRule) -> Option<RuleScope> {
    let rule = rule.known()?;
    match (rule.destination(), rule.transport()) {
        (address, Some((protocol, Some(port)))) => Some(RuleScope::Port(address, protocol, port)),
        (Some(net), None) if net.prefix_len() == net.max_prefix_len() => {
            Some(RuleScope::Address(net))
        }
        _ => None,
    }
}
