//! Which Services notice a step. A step's heading is the one thing that it is shown under; a table or a
//! chain that all Services share is the node's, and is about those whose part of it changes.

use std::collections::BTreeSet;

use super::{Heading, Services};
use crate::kernel::iptables::SavedRule;
use crate::kernel::nftables::{ChainName, Elements, Key, Table};
use crate::mode;
use crate::model::IpFamily;
use crate::plan::{Delta, IptablesChange, NftablesChange, Step, Subject, TableChange};

impl Services {
    /// What a step changes something of.
    pub(super) fn touched(&self, step: &Step) -> BTreeSet<Heading> {
        let mut touched = BTreeSet::from([self.heading(step)]);
        match &step.subject {
            Subject::Iptables(IptablesChange::Chain(at, delta)) => {
                touched.extend(self.of_rules(at.family, delta));
            }
            Subject::Nftables(NftablesChange::Table(_, change)) => {
                touched.extend(self.of_table(change));
            }
            _ => {}
        }
        touched
    }

    /// Of the rules that come and go.
    fn of_rules<'a>(
        &'a self,
        family: IpFamily,
        delta: &'a Delta<Vec<SavedRule>>,
    ) -> impl Iterator<Item = Heading> + 'a {
        let (before, after) = (delta.before(), delta.after());
        let only = |one: Option<&'a Vec<SavedRule>>, other: Option<&'a Vec<SavedRule>>| {
            let others: BTreeSet<String> = other
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect();
            let rules = one.into_iter().flatten();
            rules.filter(move |rule| !others.contains(&rule.to_string()))
        };
        let rules = only(before, after).chain(only(after, before));
        rules.filter_map(move |rule| match rule {
            SavedRule::Known(rule) => {
                let listener = mode::iptables::listener(family, rule)?;
                Some(self.at(listener))
            }
            SavedRule::Foreign(_) => None,
        })
    }

    fn of_table(&self, change: &TableChange) -> BTreeSet<Heading> {
        match change {
            TableChange::Part { from, to } => {
                self.touching(from).chain(self.touching(to)).collect()
            }
            TableChange::Whole(Delta::Add(table) | Delta::Remove(table)) => {
                let keys = table.sets.values().flatten();
                keys.filter_map(|(key, _)| self.touched_key(key)).collect()
            }
            TableChange::Whole(Delta::Change { from, to }) => {
                let (gone, come) = from.apart(to);
                let elements = self.touching(&gone).chain(self.touching(&come));
                // What the kernel remembers of clients goes with the table that is made anew.
                elements.chain(self.of_memories(from)).collect()
            }
        }
    }

    fn touching<'a>(&'a self, elements: &'a Elements) -> impl Iterator<Item = Heading> + 'a {
        let keys = elements.sets().values().flatten();
        keys.filter_map(|(key, _)| self.touched_key(key))
    }

    pub(super) fn touched_key(&self, key: &Key) -> Option<Heading> {
        match key {
            Key::Frontend(at) | Key::FrontendSlot(at, _) | Key::FrontendAndRange(at, _) => {
                Some(self.frontend(at))
            }
            Key::NodePort(at) | Key::NodePortSlot(at, _) => Some(self.port_number(at.port.get())),
            Key::Address(_)
            | Key::Range(_)
            | Key::Client(_)
            | Key::Endpoint(_)
            | Key::Connection(..) => None,
        }
    }

    fn of_memories<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = Heading> + 'a {
        table.chains.keys().filter_map(|name| match name {
            ChainName::Recall(memory) => Some(self.frontend(&memory.port.0)),
            _ => None,
        })
    }
}
