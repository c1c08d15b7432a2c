//! Whom a selector can choose: Pods, and what Pods will be made of.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::name::Namespace;
use crate::model::pod::{Container, ContainerPort, Labels, Phase, Pod, Workload};
use crate::model::profile::SidecarPorts;
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

/// All of them, by namespace.
#[derive(Debug)]
pub(super) struct Candidates<'c> {
    by_namespace: BTreeMap<&'c Namespace, Vec<Candidate<'c>>>,
    /// Which have a label, by their index within the namespace.
    by_label: BTreeMap<(&'c Namespace, &'c str, &'c str), Vec<usize>>,
}

impl<'c> Candidates<'c> {
    pub(super) fn new(cluster: &'c Cluster, profile: Profile) -> Self {
        let counts = |port: &&ContainerPort| match profile.sidecar_ports {
            SidecarPorts::Found => true,
            SidecarPorts::Overlooked => port.of == Container::App,
        };
        let alive = cluster.pods.iter().filter(|pod| pod.phase == Phase::Alive);
        let pods = alive.map(|pod| {
            let (kind, name) = whose(pod);
            (&pod.namespace, kind, name, &pod.labels, &pod.ports)
        });
        let templates = cluster.workloads.iter().map(|one| {
            let Workload { kind, name } = &one.workload;
            (&one.namespace, &**kind, &**name, &one.labels, &one.ports)
        });
        let mut by_namespace: BTreeMap<_, Vec<Candidate<'c>>> = BTreeMap::new();
        let mut by_label: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (namespace, kind, name, labels, ports) in templates.chain(pods) {
            let own = by_namespace.entry(namespace).or_default();
            for (key, value) in labels {
                let label = (namespace, key.as_str(), value.as_str());
                by_label.entry(label).or_default().push(own.len());
            }
            own.push(Candidate {
                namespace,
                kind,
                name,
                labels,
                ports: ports.iter().filter(counts).collect(),
            });
        }
        Self {
            by_namespace,
            by_label,
        }
    }

    pub(super) fn of_namespace(&self, namespace: &Namespace) -> &[Candidate<'c>] {
        self.by_namespace.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// Those that a Service chooses.
    pub(super) fn chosen(&self, service: &Service, selector: &Selector) -> Vec<&Candidate<'c>> {
        let namespace = &service.key.namespace;
        let all = self.of_namespace(namespace);
        let with = |(key, value)| self.by_label.get(&(namespace, key, value));
        // The label that the fewest have.
        let lists: Option<Vec<&Vec<usize>>> = selector.labels().map(with).collect();
        let fewest = lists.and_then(|lists| lists.into_iter().min_by_key(|list| list.len()));
        let found = fewest.into_iter().flatten().map(|index| &all[*index]);
        found.filter(|one| selector.chooses(one.labels)).collect()
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
