//! All Services that a step is about: a rule, a chain or a table may be that of several.

use std::collections::BTreeSet;

use super::heading::of_comment;
use super::{Heading, Services};
use crate::kernel::iptables::SavedRule;
use crate::kernel::nftables::{Elements, Key, Table};
use crate::plan::{Delta, IptablesChange, NftablesChange, Step, Subject, TableChange};

impl Services {
    /// The Services that a step is about, by namespace and name; none where it is about the node as a
    /// whole, or about what no Service is known to have.
    pub fn concerned(&self, step: &Step) -> BTreeSet<Box<str>> {
        let found: BTreeSet<Heading> = match &step.subject {
            Subject::Iptables(IptablesChange::Chain(_, Delta::Change { from, to })) => {
                let own = self.heading(step);
                differing(from, to).chain([own]).collect()
            }
            Subject::Nftables(NftablesChange::Table(_, TableChange::Part { from, to })) => {
                let (gone, come) = from.apart(to);
                self.of_elements([&gone, &come])
            }
            Subject::Nftables(NftablesChange::Table(
                _,
                TableChange::Whole(Delta::Change { from, to }),
            )) => {
                let (gone, come) = Table::apart(from, to);
                self.of_elements([&gone, &come])
            }
            _ => [self.heading(step)].into(),
        };
        let named = |heading| match heading {
            Heading::Service(name) => Some(name),
            Heading::Address(_) | Heading::Port(_) | Heading::Node => None,
        };
        found.into_iter().filter_map(named).collect()
    }

    fn of_elements(&self, parts: [&Elements; 2]) -> BTreeSet<Heading> {
        let sets = parts.into_iter().flat_map(|part| part.sets().values());
        let keys = sets.flatten().map(|(key, _)| key);
        keys.filter_map(|key| self.of_key(key)).collect()
    }

    fn of_key(&self, key: &Key) -> Option<Heading> {
        match key {
            Key::Address(address) => Some(self.address(*address)),
            _ => self.touched_key(key),
        }
    }
}

/// Whose the rules are that only one of two chains has, as their comments call them.
fn differing<'a>(from: &'a [SavedRule], to: &'a [SavedRule]) -> impl Iterator<Item = Heading> + 'a {
    let only = |one: &'a [SavedRule], other: &'a [SavedRule]| {
        one.iter().filter(|rule| !other.contains(rule))
    };
    let rules = only(from, to).chain(only(to, from));
    rules.filter_map(|rule| match rule {
        SavedRule::Known(rule) => rule.comment().and_then(of_comment),
        SavedRule::Foreign(_) => None,
    })
}
