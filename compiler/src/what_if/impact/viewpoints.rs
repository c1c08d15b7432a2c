//! From where endpoints are looked at: nodes that see the same are looked from once.

use std::collections::{BTreeMap, BTreeSet};

use crate::lower::Standpoint;
use crate::model::Profile;
use crate::model::places::{NodeIndex, ZoneIndex};
use crate::what_if::situation::{ClientNode, Situation};

/// The nodes that clients come from.
pub(in crate::what_if) struct Viewpoints {
    clients: BTreeMap<NodeIndex, ClientNode>,
    /// How many nodes are in a zone and go by a profile.
    crowds: BTreeMap<Crowd, usize>,
}

type Crowd = (Option<ZoneIndex>, Profile);

/// Nodes that see the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Viewpoint {
    pub(super) at: Standpoint,
    pub(super) profile: Profile,
    /// How many nodes there are.
    pub(super) before: usize,
    /// How many are left.
    pub(super) after: usize,
}

/// What makes a difference to what a node sees.
#[derive(Debug, Clone, Default)]
pub(super) struct Matters {
    /// These nodes see something of their own.
    pub(super) nodes: BTreeSet<NodeIndex>,
    /// Whether what a node sees depends on its zone.
    pub(super) zones: bool,
}

impl Viewpoints {
    pub(in crate::what_if) fn new(situation: &Situation<'_>) -> Self {
        let clients = situation.clients.iter();
        let clients: BTreeMap<NodeIndex, ClientNode> =
            clients.map(|client| (client.node, *client)).collect();
        let mut crowds: BTreeMap<Crowd, usize> = BTreeMap::new();
        for client in clients.values() {
            *crowds.entry(crowd(client)).or_default() += 1;
        }
        Self { clients, crowds }
    }

    /// The nodes, as far as they see something else.
    pub(super) fn of(&self, matters: &Matters, lost: &BTreeSet<NodeIndex>) -> Vec<Viewpoint> {
        let mut before = self.crowds.clone();
        let mut seen = Vec::new();
        let apart = matters.nodes.iter();
        for client in apart.filter_map(|node| self.clients.get(node)) {
            take(&mut before, client);
            seen.push(Viewpoint {
                at: client.at,
                profile: client.profile,
                before: 1,
                after: usize::from(!lost.contains(&client.node)),
            });
        }
        let mut after = before.clone();
        let gone = lost.iter().filter(|node| !matters.nodes.contains(node));
        for client in gone.filter_map(|node| self.clients.get(node)) {
            take(&mut after, client);
        }
        let mut crowds: BTreeMap<Crowd, (usize, usize)> = BTreeMap::new();
        for (crowd, before) in before {
            let key = (crowd.0.filter(|_| matters.zones), crowd.1);
            let counts = crowds.entry(key).or_default();
            counts.0 += before;
            counts.1 += after.get(&crowd).copied().unwrap_or_default();
        }
        let crowds = crowds.into_iter().filter(|(_, (before, _))| *before > 0);
        seen.extend(crowds.map(|((zone, profile), (before, after))| Viewpoint {
            at: Standpoint { node: None, zone },
            profile,
            before,
            after,
        }));
        seen
    }
}

fn crowd(client: &ClientNode) -> Crowd {
    (client.at.zone, client.profile)
}

fn take(crowds: &mut BTreeMap<Crowd, usize>, client: &ClientNode) {
    if let Some(count) = crowds.get_mut(&crowd(client)) {
        *count = count.saturating_sub(1);
    }
}
