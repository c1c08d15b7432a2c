//! Changes of several nodes, equal ones once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::name::NodeName;

/// Changes by what they are about and the nodes they are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered<Key, Change> {
    /// The nodes that were compared, in the order they were.
    pub nodes: Vec<NodeName>,
    /// Nodes that only the new side has.
    pub nodes_new: Vec<NodeName>,
    /// Nodes that only the old side has.
    pub nodes_gone: Vec<NodeName>,
    changes: BTreeMap<Key, BTreeMap<Change, Vec<usize>>>,
}

/// Changes that are the same on some nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a, Change> {
    /// The nodes, as indices into [`Gathered::nodes`], sorted.
    pub nodes: &'a [usize],
    /// The changes, sorted.
    pub changes: Vec<&'a Change>,
}

/// Changes as they are told, by the nodes that they are on.
pub(super) type Told<Change> = BTreeMap<Vec<usize>, Vec<Change>>;

impl<Key, Change> Default for Gathered<Key, Change> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            nodes_new: Vec::new(),
            nodes_gone: Vec::new(),
            changes: BTreeMap::new(),
        }
    }
}

impl<Key: Ord, Change: Ord> Gathered<Key, Change> {
    /// Adds a node with what changes on it.
    pub fn add(&mut self, node: NodeName, changes: impl IntoIterator<Item = (Key, Change)>) {
        let index = self.nodes.len();
        self.nodes.push(node);
        for (key, change) in changes {
            let nodes = self
                .changes
                .entry(key)
                .or_default()
                .entry(change)
                .or_default();
            if nodes.last() != Some(&index) {
                nodes.push(index);
            }
        }
    }

    /// Adds what changes on all nodes that were added.
    pub fn add_everywhere(&mut self, changes: impl IntoIterator<Item = (Key, Change)>) {
        let all: Vec<usize> = (0..self.nodes.len()).collect();
        for (key, change) in changes {
            let of_key = self.changes.entry(key).or_default();
            of_key.insert(change, all.clone());
        }
    }

    /// Leaves out what is not to be told.
    pub(super) fn retain(&mut self, tells: impl Fn(&Key, &Change) -> bool) {
        self.changes.retain(|key, changes| {
            changes.retain(|change, _| tells(key, change));
            !changes.is_empty()
        });
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.nodes_new.is_empty() && self.nodes_gone.is_empty()
    }

    /// What changes are about, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.changes.keys()
    }

    /// The changes, sorted: what they are about, and the groups of nodes that share some.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, Vec<Group<'_, Change>>)> {
        self.changes.iter().map(|(key, changes)| {
            let mut groups: BTreeMap<&[usize], Vec<&Change>> = BTreeMap::new();
            for (change, nodes) in changes {
                groups.entry(nodes).or_default().push(change);
            }
            let groups = groups.into_iter();
            (
                key,
                groups
                    .map(|(nodes, changes)| Group { nodes, changes })
                    .collect(),
            )
        })
    }

    /// The same as it is told: what is told alike is one change of all the nodes it is on.
    pub(super) fn told<'s>(
        &'s self,
        tell: impl Fn(&'s Change) -> Cow<'s, Change>,
    ) -> impl Iterator<Item = (&'s Key, Told<Change>)>
    where
        Change: Clone,
    {
        self.changes.iter().map(move |(key, changes)| {
            let mut told: BTreeMap<Cow<'_, Change>, BTreeSet<usize>> = BTreeMap::new();
            for (change, nodes) in changes {
                told.entry(tell(change)).or_default().extend(nodes);
            }
            let mut groups: Told<Change> = BTreeMap::new();
            for (change, nodes) in told {
                let nodes = nodes.into_iter().collect();
                groups.entry(nodes).or_default().push(change.into_owned());
            }
            (key, groups)
        })
    }

    /// The nodes of a group in words; `None` for all that were compared.
    pub fn place(&self, nodes: &[usize]) -> Option<String> {
        (nodes.len() < self.nodes.len())
            .then(|| some_of(nodes.iter().map(|node| self.nodes[*node].as_str())))
    }
}

/// A few names: `node-a, node-b and 3 more`.
pub(super) fn some_of<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 3;
    let number = names.len();
    let shown: Vec<&str> = names.take(SHOWN).collect();
    match (number.checked_sub(SHOWN), shown.split_last()) {
        (Some(more @ 1..), _) => format!("{} and {more} more", shown.join(", ")),
        (_, Some((last, rest @ [_, ..]))) => format!("{} and {last}", rest.join(", ")),
        _ => shown.join(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: usize) -> NodeName {
        NodeName::parse(&format!("node-{number}")).unwrap()
    }

    #[test]
    fn equal_changes_are_told_once() {
        let mut gathered = Gathered::default();
        for (number, changes) in [vec![("a", 1), ("a", 2)], vec![("a", 2)], vec![]]
            .into_iter()
            .enumerate()
        {
            gathered.add(node(number), changes);
        }
        let groups: Vec<_> = gathered.iter().flat_map(|(_, groups)| groups).collect();
        assert_eq!(
            groups,
            [
                Group {
                    nodes: &[0],
                    changes: vec![&1]
                },
                Group {
                    nodes: &[0, 1],
                    changes: vec![&2]
                },
            ]
        );
        assert_eq!(gathered.place(&[0, 1]).unwrap(), "node-0 and node-1");
        assert_eq!(gathered.place(&[0, 1, 2]), None);
    }

    #[test]
    fn few_names_stand_for_many() {
        for (number, expected) in [
            (0, ""),
            (1, "n0"),
            (3, "n0, n1 and n2"),
            (4, "n0, n1, n2 and 1 more"),
        ] {
            let names: Vec<String> = (0..number).map(|number| format!("n{number}")).collect();
            assert_eq!(some_of(names.iter().map(String::as_str)), expected);
        }
    }
}
