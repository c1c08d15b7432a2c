//! What tells two tables apart that differ in elements alone, and the script that makes the one of
//! the other: only what differs is touched, all at once.

use std::collections::{BTreeMap, BTreeSet};

use super::names::TABLE;
use super::table::{Sets, Table};
use super::write::ip;
use crate::kernel::text::Text;
use crate::model::IpFamily;
use crate::source::Origins;

/// Some elements of a table's sets and maps, without origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elements {
    family: IpFamily,
    /// None is empty.
    sets: Sets,
}

impl Elements {
    fn new(family: IpFamily, mut sets: Sets) -> Self {
        sets.retain(|_, elements| !elements.is_empty());
        forget_origins(&mut sets);
        Self { family, sets }
    }

    /// All elements of a table; `None` where it has chains as well.
    pub fn of(table: Table) -> Option<Self> {
        let alone = table.chains.is_empty();
        alone.then(|| Self::new(table.family, table.sets))
    }

    /// Family of the table.
    pub fn family(&self) -> IpFamily {
        self.family
    }

    /// The elements, by the set or map that has them; none is empty.
    pub fn sets(&self) -> &Sets {
        &self.sets
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// What only the first has, and what only the second has; an element that differs is in both.
    #[must_use]
    pub fn apart(&self, other: &Self) -> (Self, Self) {
        apart(self.family, &self.sets, &other.sets)
    }
}

impl Table {
    /// Whether two tables differ in elements at most: then one can become the other piece by piece.
    pub fn resembles(&self, other: &Self) -> bool {
        self.sets.keys().eq(other.sets.keys()) && self.chains == other.chains
    }

    /// The elements that only the first has, and those that only the second has; one that differs is
    /// in both.
    #[must_use]
    pub fn apart(&self, other: &Self) -> (Elements, Elements) {
        apart(self.family, &self.sets, &other.sets)
    }

    /// Its elements of the keys that these have.
    #[must_use]
    pub fn within(&self, parts: [&Elements; 2]) -> Elements {
        let mut within = Sets::new();
        for (name, elements) in parts.into_iter().flat_map(|part| &part.sets) {
            let Some(own) = self.sets.get(name) else {
                continue;
            };
            let found = elements.keys().filter_map(|key| own.get_key_value(key));
            let set = within.entry(*name).or_default();
            set.extend(found.map(|(key, element)| (*key, element.clone())));
        }
        Elements::new(self.family, within)
    }

    /// The table with elements in the place of others.
    #[must_use]
    pub fn exchanged(mut self, gone: &Elements, come: &Elements) -> Self {
        for (name, elements) in &gone.sets {
            if let Some(set) = self.sets.get_mut(name) {
                set.retain(|key, _| !elements.contains_key(key));
            }
        }
        for (name, elements) in &come.sets {
            let set = self.sets.entry(*name).or_default();
            set.extend(elements.iter().map(|(key, one)| (*key, one.clone())));
        }
        self
    }

    /// Without origins, which a node does not know.
    #[must_use]
    pub fn without_origins(&self) -> Self {
        let mut table = self.clone();
        forget_origins(&mut table.sets);
        table
    }
}

fn apart(family: IpFamily, a: &Sets, b: &Sets) -> (Elements, Elements) {
    let only = |one, other| Elements::new(family, without(one, other));
    (only(a, b), only(b, a))
}

fn without(sets: &Sets, others: &Sets) -> Sets {
    let rest = sets.iter().map(|(name, elements)| {
        let other = |key| others.get(name).and_then(|set| set.get(key));
        let own = elements
            .iter()
            .filter(|(key, element)| other(key) != Some(element))
            .map(|(key, element)| (*key, element.clone()));
        (*name, own.collect())
    });
    rest.collect()
}

fn forget_origins(sets: &mut Sets) {
    for element in sets.values_mut().flat_map(BTreeMap::values_mut) {
        element.origins = Origins::new();
    }
}

/// Writes the script for `nft -f` that exchanges elements of a table for others. It fails as a whole
/// where one that goes is not there, or one that comes is there already.
pub fn write_exchange(gone: &Elements, come: &Elements, text: &mut Text) {
    let at = format!("{} {TABLE}", ip(come.family));
    let mut line = |content: std::fmt::Arguments<'_>| text.line(&[], content);
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
}
