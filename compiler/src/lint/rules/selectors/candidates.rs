//! Whom a selector can choose: Pods, and what Pods will be made of.

use std::fmt;

use crate::model::labels::ByLabel;
use crate::model::name::Namespace;
use crate::model::pod::{ContainerPort, Labels, Phase, Pod, Workload};
use crate::model::selector::Selector;
use crate::model::service::Service;
use crate::model::{Cluster, Profile, Protocol};

/// A Pod, or the template of some.
#[derive(Debug)]
pub(super) struct Candidate<'c> {
    namespace: &'c Namespace,
    /// The workload; a Pod's own name where it says none.
    kind: &'c str,
    name: &'c str,
    labels: &'c Labels,
    ports: Vec<&'c ContainerPort>,
}

/// All that selectors choose from, to be found by labels.
#[derive(Debug)]
pub(super) struct Candidates<'c> {
    /// Sorted by namespace.
    all: Vec<Candidate<'c>>,
    by_label: ByLabel<'c>,
}

impl<'c> Candidates<'c> {
    pub(super) fn new(cluster: &'c Cluster, profile: Profile) -> Self {
        let candidate = |namespace, kind, name, labels, ports: &'c [ContainerPort]| Candidate {
            namespace,
            kind,
            name,
            labels,
            ports: ports
                .iter()
                .filter(|port| port.is_found(profile.sidecar_ports))
                .collect(),
        };
        let alive = cluster.pods.iter().filter(|pod| pod.phase == Phase::Alive);
        let pods = alive.map(|pod| {
            let (kind, name) = whose(pod);
            candidate(&pod.namespace, kind, name, &pod.labels, &pod.ports)
        });
        let templates = cluster.workloads.iter().map(|one| {
            let Workload { kind, name } = &one.workload;
            candidate(&one.namespace, &**kind, &**name, &one.labels, &one.ports)
        });
        let mut all: Vec<Candidate<'c>> = templates.chain(pods).collect();
        all.sort_by_key(|one| one.namespace);
        let by_label = ByLabel::new(all.iter().map(|one| (one.namespace, one.labels)));
        Self { all, by_label }
    }

    pub(super) fn of_namespace(&self, namespace: &Namespace) -> &[Candidate<'c>] {
        let start = self.all.partition_point(|one| one.namespace < namespace);
        let rest = &self.all[start..];
        &rest[..rest.partition_point(|one| one.namespace == namespace)]
    }

    /// Those that a Service chooses.
    pub(super) fn chosen(&self, service: &Service) -> Vec<&Candidate<'c>> {
        let namespace = &service.key.namespace;
        let chosen = self.by_label.chosen(namespace, service.selector.as_ref());
        chosen.into_iter().map(|at| &self.all[at]).collect()
    }
}

/// What made a Pod, or the Pod itself.
fn whose(pod: &Pod) -> (&str, &str) {
    match &pod.workload {
        Some(Workload { kind, name }) => (kind, name),
        None => ("Pod", &pod.name),
    }
}

impl Candidate<'_> {
    /// Its workload, if another object than a Pod.
    pub(super) fn workload(&self) -> Option<String> {
        (self.kind != "Pod").then(|| self.to_string())
    }

    /// Whether one of its ports has a name.
    pub(super) fn calls(&self, name: &str, protocol: Protocol) -> bool {
        self.names(protocol).any(|one| one == name)
    }

    pub(super) fn names(&self, protocol: Protocol) -> impl Iterator<Item = &str> {
        let ports = self
            .ports
            .iter()
            .filter(move |one| one.protocol == protocol);
        ports.map(|one| &*one.name).filter(|name| !name.is_empty())
    }

    pub(super) fn numbers(&self, protocol: Protocol) -> impl Iterator<Item = u16> {
        let ports = self
            .ports
            .iter()
            .filter(move |one| one.protocol == protocol);
        ports.map(|one| one.port.get())
    }
}

impl fmt::Display for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// The labels that come nearest to a selector, and whose they are; `None` where nobody has one of its
/// keys.
pub(super) fn nearest(selector: &Selector, all: &[Candidate<'_>]) -> Option<(String, String)> {
    let apart = |one: &Candidate<'_>| {
        let labels = selector
            .labels()
            .map(|(key, value)| match one.labels.get(key) {
                Some(found) => strsim::osa_distance(found, value),
                // Further than any value that is a slip of the pen.
                None => value.len() + key.len() + 1,
            });
        labels.sum::<usize>()
    };
    let has_a_key = |one: &&Candidate<'_>| {
        selector
            .labels()
            .any(|(key, _)| one.labels.contains_key(key))
    };
    let nearest = all
        .iter()
        .filter(has_a_key)
        .min_by_key(|one| (apart(one), one.to_string()))?;
    let labels = selector.labels().filter_map(|(key, _)| {
        let value = nearest.labels.get(key)?;
        Some(format!("{key}={value}"))
    });
    Some((labels.collect::<Vec<_>>().join(","), nearest.to_string()))
}
