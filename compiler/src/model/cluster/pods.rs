//! Pods of the input and the base, and what makes more of them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Cluster, ObjectKey, collect, completed, namespaced};
use crate::diag::Findings;
use crate::front::{Located, PodManifest, PodStatus, WorkloadManifest};
use crate::model::name::{Namespace, NodeName};
use crate::model::pod::{self, Pod, Workload};
use crate::model::workload::{self, PodTemplate};
use crate::source::Objects;

impl Cluster {
    /// Whether the Pods of a namespace are in the input: there are some, or there are some of other
    /// namespaces and nothing shows that this one has any.
    pub(crate) fn knows_pods_of(&self, namespace: &Namespace) -> bool {
        if self.pods.is_empty() {
            return false;
        }
        let found = self
            .pods
            .binary_search_by(|pod| pod.namespace.cmp(namespace));
        let start = self
            .slices
            .partition_point(|slice| slice.service.namespace < *namespace);
        let own = self.slices[start..].iter();
        let mut own = own.take_while(|slice| slice.service.namespace == *namespace);
        found.is_ok() || own.all(|slice| slice.endpoints.is_empty())
    }

    /// Whether it has the node of some Pod: where it has none, nodes were not dumped.
    pub(crate) fn knows_nodes_of_pods(&self) -> bool {
        let mut placed = self
            .pods
            .iter()
            .filter_map(|pod| pod.node.as_ref())
            .peekable();
        placed.peek().is_none() || placed.any(|node| self.has_node(node))
    }

    /// Whether a Node or facts describe a node.
    pub(crate) fn has_node(&self, name: &NodeName) -> bool {
        self.node(name).is_some() || self.facts(name).is_some()
    }
}

/// The input's Pods, and those that only the base has.
pub(super) fn pods(
    input: Vec<Located<PodManifest>>,
    base: Vec<Located<PodManifest>>,
    findings: &mut Findings,
) -> Vec<Pod> {
    let all = completed(input, base, pod_key, findings);
    let mut pods: Vec<Pod> = collect(all, pod::pod, findings);
    pods.par_sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    pods
}

/// Pods by whether they ran: one that never did, such as a manifest from Git, stands behind nothing.
pub(super) struct Ran {
    pub(super) ran: Vec<Located<PodManifest>>,
    pub(super) never: Vec<Located<PodManifest>>,
}

impl Ran {
    pub(super) fn of(pods: Vec<Located<PodManifest>>) -> Self {
        let ran = |pod: &Located<PodManifest>| pod.value.status != PodStatus::default();
        let (ran, never) = pods.into_iter().partition(ran);
        Self { ran, never }
    }
}

/// What manages what makes Pods: the Deployment of a `ReplicaSet`, whatever that is called, and the `CronJob`
/// of a Job.
#[derive(Debug, Default)]
pub(super) struct Owners(BTreeMap<(String, Workload), Workload>);

/// A `CronJob`'s Pod is two steps away from it.
const STEPS: usize = 2;

impl Owners {
    pub(super) fn of(workloads: [&[Located<WorkloadManifest>]; 2], objects: &Objects) -> Self {
        let all = workloads.into_iter().flatten();
        let owned = all.filter_map(|one| {
            let meta = &one.value.metadata;
            let mut owners = meta.owner_references.iter().flatten();
            let owner = owners.find(|owner| owner.controller == Some(true))?;
            let namespace = meta
                .namespace
                .clone()
                .unwrap_or_else(|| "default".to_owned());
            let own = Workload {
                kind: objects.name(one.object).kind.as_str().into(),
                name: meta.name.as_deref()?.into(),
            };
            let owner = Workload {
                kind: owner.kind.as_deref()?.into(),
                name: owner.name.as_deref()?.into(),
            };
            Some(((namespace, own), owner))
        });
        Self(owned.collect())
    }

    /// Says of Pods what manages them in the end.
    pub(super) fn resolve(&self, pods: &mut [Pod]) {
        for pod in pods {
            for _ in 0..STEPS {
                let Some(workload) = &pod.workload else {
                    break;
                };
                let key = (pod.namespace.as_str().to_owned(), workload.clone());
                let Some(owner) = self.0.get(&key) else {
                    break;
                };
                pod.workload = Some(owner.clone());
            }
        }
    }
}

/// The input's workloads, and those that only the base has.
pub(super) fn workloads(
    workloads: [Vec<Located<WorkloadManifest>>; 2],
    never_ran: [Vec<Located<PodManifest>>; 2],
    objects: &Objects,
    findings: &mut Findings,
) -> Vec<PodTemplate> {
    let mut all: Vec<PodTemplate> = Vec::new();
    let mut known = BTreeSet::new();
    for (workloads, pods) in workloads.into_iter().zip(never_ran) {
        let kinds = workloads.into_iter().map(|one| {
            let kind = objects.name(one.object).kind.as_str();
            (kind, one)
        });
        let mut templates = collect(kinds.collect(), workload::template, findings);
        templates.extend(collect(pods, workload::of_pod, findings));
        let new = templates
            .into_iter()
            .filter(|one| known.insert((one.namespace.clone(), one.workload.clone())));
        all.extend(new);
    }
    all.sort_by(|a, b| (&a.namespace, &a.workload).cmp(&(&b.namespace, &b.workload)));
    all
}

fn pod_key(pod: &PodManifest) -> ObjectKey<'_> {
    let meta = &pod.metadata;
    namespaced(meta.namespace.as_deref(), meta.name.as_deref())
}
