//! Where Pods go that have no node any more, by a rule that gives the same for the same cluster.
//!
//! It is not the scheduler's: resources, affinity, spread constraints and tolerations do not count. A Pod
//! goes to a node of the operating system that it ran on, which is neither cordoned nor tainted against
//! new Pods, nor goes itself: into the zone with the fewest Pods of its workload, there to the node with the
//! fewest of them, of several to the one with the fewest Pods in all, and of these to the first by name.

use std::collections::{BTreeMap, BTreeSet};

use super::situation::{Situation, WorkloadKey};
use crate::model::name::NodeName;
use crate::model::places::{NodeIndex, ZoneIndex};
use crate::model::pod::Phase;
use crate::model::{Cluster, Intake, System};

/// The nodes that Pods may go to, and how full they are.
#[derive(Debug, Default)]
pub(super) struct Ground {
    /// Sorted by the names of their nodes.
    spots: Vec<Spot>,
    /// Pods on each, or endpoints where there are no Pods.
    crowd: Vec<u32>,
    by_node: BTreeMap<NodeIndex, usize>,
}

/// A node that takes Pods.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) node: NodeIndex,
    pub(super) zone: Option<ZoneIndex>,
    system: System,
}

impl Ground {
    pub(super) fn new(cluster: &Cluster, endpoints_on: &BTreeMap<NodeIndex, u32>) -> Self {
        let mut pods_on: BTreeMap<&NodeName, u32> = BTreeMap::new();
        for pod in cluster.pods.iter().filter(|pod| pod.phase == Phase::Alive) {
            if let Some(node) = &pod.node {
                *pods_on.entry(node).or_default() += 1;
            }
        }
        let mut ground = Self::default();
        for node in &cluster.nodes {
            let Some(index) = cluster.places.node(node.name.as_str()) else {
                continue;
            };
            if node.intake == Intake::Closed {
                continue;
            }
            let zone = node.zone.as_ref();
            let crowd = if cluster.pods.is_empty() {
                endpoints_on.get(&index)
            } else {
                pods_on.get(&node.name)
            };
            ground.by_node.insert(index, ground.spots.len());
            ground.crowd.push(crowd.copied().unwrap_or_default());
            ground.spots.push(Spot {
                node: index,
                zone: zone.and_then(|zone| cluster.places.zone(zone.as_str())),
                system: node.system,
            });
        }
        ground
    }
}

/// Whose Pods are spread among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group<'c> {
    /// Those of a workload.
    Workload(WorkloadKey<'c>),
    /// Endpoints of which no Pod is known, by their Service.
    Service(usize),
}

/// Places Pods, one after the other.
pub(super) struct Placer<'s, 'c> {
    ground: &'s Ground,
    /// Nodes that go.
    closed: &'s BTreeSet<NodeIndex>,
    crowd: Vec<u32>,
    groups: BTreeMap<Group<'c>, Spread>,
}

/// How the Pods of a group are spread.
struct Spread {
    by_spot: Vec<u32>,
    by_zone: BTreeMap<Option<ZoneIndex>, u32>,
}

impl<'s, 'c> Placer<'s, 'c> {
    pub(super) fn new(situation: &'s Situation<'c>, closed: &'s BTreeSet<NodeIndex>) -> Self {
        let ground = &situation.ground;
        Self {
            ground,
            closed,
            crowd: ground.crowd.clone(),
            groups: BTreeMap::new(),
        }
    }

    /// Whether a group was told already where its Pods are.
    pub(super) fn knows(&self, group: Group<'c>) -> bool {
        self.groups.contains_key(&group)
    }

    /// Tells where the Pods of a group are that stay.
    pub(super) fn tell(&mut self, group: Group<'c>, on: impl Iterator<Item = NodeIndex>) {
        let mut spread = Spread::nowhere(self.ground);
        for node in on.filter(|node| !self.closed.contains(node)) {
            if let Some(spot) = self.ground.by_node.get(&node) {
                spread.add(*spot, self.ground.spots[*spot].zone);
            }
        }
        self.groups.insert(group, spread);
    }

    /// A node for one more Pod of a group; `None` where there is none.
    pub(super) fn place(&mut self, group: Group<'c>, system: System) -> Option<Spot> {
        let spread = self.groups.entry(group);
        let spread = spread.or_insert_with(|| Spread::nowhere(self.ground));
        let open =
            |(_, spot): &(usize, &Spot)| spot.system == system && !self.closed.contains(&spot.node);
        let spots = self.ground.spots.iter().enumerate().filter(open);
        let (at, spot) = spots.min_by_key(|(at, spot)| {
            let in_zone = spread.by_zone.get(&spot.zone).copied();
            let in_zone = in_zone.unwrap_or_default();
            (in_zone, spread.by_spot[*at], self.crowd[*at])
        })?;
        spread.add(at, spot.zone);
        self.crowd[at] += 1;
        Some(*spot)
    }
}

impl Spread {
    /// That of a group without Pods.
    fn nowhere(ground: &Ground) -> Self {
        Self {
            by_spot: vec![0; ground.spots.len()],
            by_zone: BTreeMap::new(),
        }
    }

    fn add(&mut self, spot: usize, zone: Option<ZoneIndex>) {
        self.by_spot[spot] += 1;
        *self.by_zone.entry(zone).or_default() += 1;
    }
}
