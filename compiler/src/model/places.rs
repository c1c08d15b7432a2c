//! Nodes and zones by number.

use super::name::{NodeName, Zone};

/// Index of a node in [`Places::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIndex(u32);

/// Index of a zone in [`Places::zones`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneIndex(u32);

/// The nodes and zones of the input. Endpoints name them by index: comparing is cheap, and what no
/// Node of the input has cannot make a difference to any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    nodes: Vec<NodeName>,
    zones: Vec<Zone>,
    heads: Heads,
}

impl Places {
    pub(super) fn new(mut nodes: Vec<NodeName>, mut zones: Vec<Zone>) -> Self {
        nodes.sort();
        nodes.dedup();
        zones.sort();
        zones.dedup();
        Self {
            heads: Heads::of(&nodes),
            nodes,
            zones,
        }
    }

    /// The nodes, sorted.
    pub fn nodes(&self) -> &[NodeName] {
        &self.nodes
    }

    /// The zones, sorted.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The index of a node.
    pub fn node(&self, name: &str) -> Option<NodeIndex> {
        let (start, alike) = self.heads.alike(&self.nodes, name);
        let at = alike
            .binary_search_by(|node| node.as_str().cmp(name))
            .ok()?;
        Some(NodeIndex(u32::try_from(start + at).ok()?))
    }

    /// The name of a node.
    pub fn node_name(&self, index: NodeIndex) -> &NodeName {
        &self.nodes[index.0 as usize]
    }

    /// The name of a zone.
    pub fn zone_name(&self, index: ZoneIndex) -> &Zone {
        &self.zones[index.0 as usize]
    }

    /// The index of a zone.
    pub fn zone(&self, name: &str) -> Option<ZoneIndex> {
        let at = self
            .zones
            .binary_search_by(|zone| zone.as_str().cmp(name))
            .ok()?;
        Some(ZoneIndex(u32::try_from(at).ok()?))
    }
}

/// Of sorted names the first bytes that tell most of them apart, as numbers: every endpoint of a
/// cluster has its node looked up, and nodes are mostly called alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Heads {
    /// How many bytes all names start with alike.
    common: usize,
    /// The eight bytes after these, padded with zeros: in the order of the names.
    heads: Vec<u64>,
}

impl Heads {
    fn of(sorted: &[NodeName]) -> Self {
        let common = match sorted {
            [first, .., last] => common(first.as_str(), last.as_str()),
            [_] | [] => 0,
        };
        let heads = sorted.iter().map(|name| head(name.as_str(), common));
        Self {
            common,
            heads: heads.collect(),
        }
    }

    /// The names that may be this one, and how many are before them.
    fn alike<'n>(&self, sorted: &'n [NodeName], name: &str) -> (usize, &'n [NodeName]) {
        let wanted = head(name, self.common);
        let start = self.heads.partition_point(|head| *head < wanted);
        let same = self.heads[start..].partition_point(|head| *head == wanted);
        (start, &sorted[start..start + same])
    }
}

fn common(first: &str, last: &str) -> usize {
    let pairs = first.bytes().zip(last.bytes());
    pairs.take_while(|(one, other)| one == other).count()
}

fn head(name: &str, at: usize) -> u64 {
    let rest = name.as_bytes().get(at..).unwrap_or_default();
    if let Some(head) = rest.first_chunk() {
        return u64::from_be_bytes(*head);
    }
    let mut head = [0; 8];
    head[..rest.len()].copy_from_slice(rest);
    u64::from_be_bytes(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_and_no_other_is_found() {
        for names in [
            &[][..],
            &["a"],
            &["node-1", "node-10", "node-2"],
            &["a", "a.b", "ab"],
            &[
                "ip-10-0-0-1.west",
                "ip-10-0-0-1.west-2",
                "ip-10-0-0-10.west",
            ],
            &["pool-of-many-1a", "pool-of-many-1b", "pool-of-men"],
        ] {
            let nodes = names.iter().map(|name| NodeName::parse(name).unwrap());
            let places = Places::new(nodes.rev().collect(), Vec::new());
            for (at, name) in (0..).zip(names) {
                assert_eq!(places.node(name), Some(NodeIndex(at)), "{name}");
                for other in [
                    &name[1..],
                    &name[..name.len() - 1],
                    format!("{name}0").as_str(),
                ] {
                    let known = names.contains(&other);
                    assert_eq!(places.node(other).is_some(), known, "{other}");
                }
            }
        }
    }
}
