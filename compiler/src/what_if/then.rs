//! The cluster as it would be.

use std::collections::BTreeSet;

use super::situation::Situation;
use crate::compile::Prepared;
use crate::diff::Declarations;
use crate::model::Cluster;
use crate::model::name::NodeName;
use crate::model::places::{NodeIndex, Places};
use crate::model::pod::Pod;
use crate::model::slice::Slice;

/// The cluster as it would be, as far as it differs.
#[derive(Debug)]
pub struct Then {
    /// Services whose endpoints change, as indices into [`Cluster::services`], sorted.
    pub(super) services: Vec<usize>,
    /// What they have then, in the order of slices.
    pub(super) slices: Vec<Slice>,
    /// Pods that come.
    pub(super) pods: Vec<Pod>,
    /// Nodes that are lost.
    pub(super) lost: BTreeSet<NodeIndex>,
    /// How many Pods and endpoints go, and where to.
    pub counts: Counts,
}

/// How many Pods and endpoints a question is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Endpoints that go, of all Services.
    pub endpoints: usize,
    /// Endpoints of them of which no Pod is known.
    pub alone: usize,
    /// Pods that leave their node, as it is lost or drained: they are gone, run elsewhere, or no node is
    /// left for them.
    pub leaving: usize,
    /// Pods of them that are gone.
    pub gone: usize,
    /// Pods of them that nothing makes again.
    pub unmade: usize,
    /// Pods, or endpoints that stand for some, that run on another node.
    pub moved: usize,
    /// Pods of them that a `StatefulSet` makes, on nodes that are lost.
    pub ordinal: usize,
    /// Pods that leave their node and that no node is left for.
    pub homeless: usize,
    /// Pods, or endpoints that stand for some, that no node is left for, those among them that scaling adds.
    pub unplaced: usize,
    /// Pods that stay on drained nodes: those of `DaemonSet`s, and mirror Pods.
    pub stay: usize,
    /// Endpoints on lost nodes that stay in the rules, in vain.
    pub vain: usize,
    /// Pods that scaling takes away.
    pub removed: usize,
    /// Pods that scaling adds.
    pub added: usize,
}

impl Then {
    /// Whether no endpoint comes or goes.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    /// The two clusters, narrowed to the Services whose endpoints change, with no node: for what depends
    /// on endpoints alone.
    pub(super) fn narrowed(&self, situation: &Situation<'_>) -> [Cluster; 2] {
        let cluster = situation.cluster;
        let services = || {
            let services = self.services.iter();
            services.map(|at| cluster.services[*at].clone()).collect()
        };
        let narrowed = |slices| Cluster {
            services: services(),
            served_families: cluster.served_families.clone(),
            slices,
            pods: Vec::new(),
            workloads: Vec::new(),
            nodes: Vec::new(),
            facts: Vec::new(),
            service_ranges: Vec::new(),
            proxy_images: Vec::new(),
            meant_by_flags: None,
            switched_off: cluster.switched_off,
            config: cluster.config.clone(),
            places: Places::default(),
        };
        [
            narrowed(self.slices_now(cluster)),
            narrowed(self.slices.clone()),
        ]
    }

    fn slices_now(&self, cluster: &Cluster) -> Vec<Slice> {
        let services = self.services.iter().map(|at| &cluster.services[*at]);
        let ranges = services.map(|service| cluster.slices_of(&service.key));
        ranges
            .flat_map(|range| &cluster.slices[range])
            .cloned()
            .collect()
    }

    /// Both sides of a comparison, narrowed to the Services whose endpoints change: what is compiled of
    /// these is what would be compiled of them beside all others.
    pub fn sides(&self, situation: &Situation<'_>, prepared: &Prepared) -> [Prepared; 2] {
        let cluster = situation.cluster;
        let [now, then] = self.narrowed(situation);
        let stays = |name: &NodeName| {
            let node = cluster.places.node(name.as_str());
            node.is_none_or(|node| !self.lost.contains(&node))
        };
        let whole = |narrow: Cluster| Cluster {
            pods: cluster.pods.clone(),
            workloads: cluster.workloads.clone(),
            nodes: cluster.nodes.clone(),
            facts: cluster.facts.clone(),
            service_ranges: cluster.service_ranges.clone(),
            places: cluster.places.clone(),
            ..narrow
        };
        let (now, mut then) = (whole(now), whole(then));
        then.nodes.retain(|node| stays(&node.name));
        then.facts.retain(|facts| stays(&facts.name));
        // Those that go stay listed, which decides no endpoint any more: their workloads are placed.
        then.pods.extend(self.pods.iter().cloned());
        then.pods
            .sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        [prepared.of_cluster(now), prepared.of_cluster(then)]
    }

    /// What both sides declare, of all Services.
    pub fn declarations(situation: &Situation<'_>, then: &Prepared) -> [Declarations; 2] {
        let now = Declarations::of(situation.cluster);
        let then = now.clone().updated(Declarations::of(then.cluster()));
        [now, then]
    }
}
