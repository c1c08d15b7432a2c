//! What tells two tables apart, and the script that makes the one of the other: only what differs is
//! touched, all at once.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{ChainName, TABLE};
use super::table::Table;
use super::write::ip;
use crate::back::text::{KeepOrigins, Text};

impl Table {
    /// Whether two tables have the same sets, and the same chains that begin at a hook: then one can
    /// become the other piece by piece.
    pub fn resembles(&self, other: &Self) -> bool {
        let hooked = |table: &Self| -> Vec<ChainName> {
            let names = table.chains.keys().copied();
            names.filter(|name| name.hook().is_some()).collect()
        };
        self.sets.keys().eq(other.sets.keys()) && hooked(self) == hooked(other)
    }

    /// What only the first has, and what only the second has, of elements and chains; a chain or an
    /// element that differs is in both. Both are empty where nothing differs.
    #[must_use]
    pub fn apart(&self, other: &Self) -> (Self, Self) {
        (self.without(other), other.without(self))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.sets.values().all(BTreeMap::is_empty) && self.chains.is_empty()
    }

    fn without(&self, other: &Self) -> Self {
        let mut rest = Self::new(self.family);
        for (name, elements) in &self.sets {
            let has = |key| other.sets.get(name).and_then(|set| set.get(key));
            let own: BTreeMap<_, _> = elements
                .iter()
                .filter(|(key, element)| has(key) != Some(element))
                .map(|(key, element)| (*key, element.clone()))
                .collect();
            if !own.is_empty() {
                rest.sets.insert(*name, own);
            }
        }
        let chains = self.chains.iter();
        let own = chains.filter(|(name, rules)| other.chains.get(name) != Some(rules));
        rest.chains = own.map(|(name, rules)| (*name, rules.clone())).collect();
        rest
    }

    /// As much of it as these parts are about.
    #[must_use]
    pub fn within(&self, parts: [&Self; 2]) -> Self {
        let mut within = Self::new(self.family);
        for part in parts {
            for (name, elements) in &part.sets {
                let Some(own) = self.sets.get(name) else {
                    continue;
                };
                for key in elements.keys() {
                    if let Some(element) = own.get(key) {
                        let set = within.sets.entry(*name).or_default();
                        set.insert(*key, element.clone());
                    }
                }
            }
            for name in part.chains.keys() {
                if let Some(rules) = self.chains.get(name) {
                    within.chains.insert(*name, rules.clone());
                }
            }
        }
        within
    }

    /// The table with one part in the place of another.
    #[must_use]
    pub fn exchanged(mut self, gone: &Self, come: &Self) -> Self {
        for (name, elements) in &gone.sets {
            if let Some(set) = self.sets.get_mut(name) {
                set.retain(|key, _| !elements.contains_key(key));
            }
        }
        self.chains
            .retain(|name, _| !gone.chains.contains_key(name));
        for (name, elements) in &come.sets {
            let set = self.sets.entry(*name).or_default();
            set.extend(elements.iter().map(|(key, one)| (*key, one.clone())));
        }
        let chains = come.chains.iter();
        self.chains
            .extend(chains.map(|(name, rules)| (*name, rules.clone())));
        self
    }
}

/// Writes the script for `nft -f` that exchanges one part of a table for another. It fails as a whole
/// where an element that goes is not there, or one that comes is there already.
pub fn write_exchange(gone: &Table, come: &Table, text: &mut Text) {
    let at = format!("{} {TABLE}", ip(come.family));
    let mut line = |content: std::fmt::Arguments<'_>| text.line(&[], content);
    for name in come.chains.keys() {
        if gone.chains.contains_key(name) {
            line(format_args!("flush chain {at} {name}"));
        } else {
            line(format_args!("create chain {at} {name}"));
        }
    }
    for (name, rules) in &come.chains {
        for rule in rules {
            let rule = rule.in_family(come.family);
            line(format_args!("add rule {at} {name} {rule}"));
        }
    }
    let sets: BTreeSet<_> = gone.sets.keys().chain(come.sets.keys()).collect();
    for name in sets {
        for key in gone.sets.get(name).into_iter().flat_map(BTreeMap::keys) {
            line(format_args!("delete element {at} {name} {{ {key} }}"));
        }
        for (key, element) in come.sets.get(name).into_iter().flatten() {
            let element = element.with_key(key);
            line(format_args!("create element {at} {name} {{ {element} }}"));
        }
    }
    let going = || {
        let chains = gone.chains.keys();
        chains.filter(|name| !come.chains.contains_key(name))
    };
    for name in going() {
        line(format_args!("flush chain {at} {name}"));
    }
    for name in going() {
        line(format_args!("delete chain {at} {name}"));
    }
}

/// A part of a table, as text that [`super::read`] reads back.
pub fn write_part(part: &Table) -> String {
    let mut text = Text::new(KeepOrigins::No);
    super::write::write_table(part, &mut text);
    text.finish().0
}
