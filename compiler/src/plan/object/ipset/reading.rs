//! Sets and entries on a node.

use super::IpsetChange;
use crate::kernel::ipset;
use crate::kernel::ipset::{Entry, Set, SetHeader, SetName};
use crate::kernel::text::{KeepOrigins, Text};
use crate::plan::object::reading;
use crate::plan::object::reading::{Reading, StepState, anew, compare, values, way};
use crate::plan::{Delta, End, Lines};

pub(super) fn step_state(change: &IpsetChange, node: &Reading<'_>) -> StepState {
    match change {
        IpsetChange::Set(name, delta) => compare(node.header(name), delta, |a, b| a.same_set(*b)),
        IpsetChange::ForeignSet(name, delta) => match (node.foreign_sets.get(name), delta) {
            (Some(_), Delta::Remove(_)) | (None, Delta::Add(_)) => StepState::Before,
            (None, Delta::Remove(_)) | (Some(_), Delta::Add(_)) => StepState::After,
            (_, Delta::Change { from, to }) => node.exchanged(name, from, to),
        },
        IpsetChange::Entry(set, entry, delta) => values(node.entry(set, *entry).as_ref(), delta),
    }
}

pub(super) fn towards(change: &IpsetChange, node: &Reading<'_>, end: End) -> Vec<IpsetChange> {
    match change {
        IpsetChange::Set(name, delta) => {
            let way = way(node.header(name), delta, end);
            let change = way.map(|delta| IpsetChange::Set(name.clone(), delta));
            change.into_iter().collect()
        }
        IpsetChange::ForeignSet(name, delta) => {
            let ways = anew(node.set_lines(name), delta, end).into_iter();
            ways.map(|delta| IpsetChange::ForeignSet(name.clone(), delta))
                .collect()
        }
        IpsetChange::Entry(set, entry, delta) => {
            let way = way(node.entry(set, *entry), delta, end);
            let change = way.map(|delta| IpsetChange::Entry(set.clone(), *entry, delta));
            change.into_iter().collect()
        }
    }
}

impl<'a> Reading<'a> {
    /// Of a set that is ours.
    fn set(&self, name: &SetName) -> Option<&'a Set> {
        let ours = !self.foreign_sets.contains_key(name);
        self.sets.get(name.as_str()).copied().filter(|_| ours)
    }

    fn header(&self, name: &SetName) -> Option<SetHeader> {
        self.set(name).map(|set| set.header)
    }

    fn entry(&self, set: &SetName, entry: Entry) -> Option<()> {
        let entries = &self.set(set)?.entries;
        let found = entries.binary_search_by(|(has, _)| has.cmp(&entry));
        found.ok().map(|_| ())
    }

    /// A set in the words of `ipset save`, whatever it is.
    pub(in crate::plan::object) fn set_lines(&self, name: &SetName) -> Option<Lines> {
        if let Some(set) = self.sets.get(name.as_str()) {
            let mut text = Text::new(KeepOrigins::No);
            ipset::write(std::slice::from_ref(*set), &mut text);
            return Some(text.finish().0.lines().map(Into::into).collect());
        }
        let mut foreign = self.now.ipset.foreign.iter();
        let found = foreign.find(|set| *set.name == *name.as_str())?;
        Some(found.lines.clone())
    }

    /// A set of another size with the same entries, which other steps change then.
    fn exchanged(&self, name: &SetName, from: &Lines, to: &Lines) -> StepState {
        let header = |lines: &Lines| {
            let create = lines.first()?;
            Some(ipset::read(create).ok()?.sets.first()?.header)
        };
        let is = |lines| {
            let found = self.sets.get(name.as_str()).zip(header(lines));
            found.is_some_and(|(set, header)| set.header.same_set(header))
        };
        reading::step_state(is(to), is(from))
    }
}
