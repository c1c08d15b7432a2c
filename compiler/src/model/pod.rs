//! Pods, as far as Services choose among them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::check::{Check, metadata};
use super::name::{Namespace, NodeName};
use super::profile::SidecarPorts;
use super::service::Sourced;
use super::slice::Termination;
use super::{Port, Protocol};
use crate::diag::Findings;
use crate::front::{ContainerManifest, Located, OwnerReference, PodManifest};
use crate::source::{Field, FieldPath, ObjectId, Origin};

/// Labels, or what a selector asks of them.
pub type Labels = BTreeMap<String, String>;

/// The label by which a `ReplicaSet` tells the Pods of one template; it ends the `ReplicaSet`'s name.
const LABEL_TEMPLATE: &str = "pod-template-hash";

/// A Pod, as far as the controller of endpoints and `lint` ask about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// Where the manifest of the Pod stands.
    pub object: ObjectId,
    /// `metadata.namespace`: only Services of the same one select it.
    pub namespace: Namespace,
    /// `metadata.name`, as written: nothing is programmed from it.
    pub name: Box<str>,
    /// `metadata.labels`, which selectors of Services are held against.
    pub labels: Labels,
    /// The node it runs on, once it is placed.
    pub node: Option<NodeName>,
    /// `status.podIPs`, each with its field; empty until the Pod has a network.
    pub addresses: Vec<Sourced<IpAddr>>,
    /// Whether it is done.
    pub phase: Phase,
    /// Its condition `Ready`.
    pub readiness: Readiness,
    /// Whether it is on its way out.
    pub termination: Termination,
    /// The ports that its containers declare, in the order in which names are looked up.
    pub ports: Vec<ContainerPort>,
    /// The workload that made it, as far as it says so.
    pub workload: Option<Workload>,
}

/// Whether a Pod may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It runs, or is about to.
    Alive,
    /// It succeeded or failed, for good.
    Done,
}

/// What a Pod's condition `Ready` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// `status` of the condition is `True`.
    Ready,
    /// Anything else, or nothing.
    Unready,
}

/// Which of a Pod's containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Container {
    /// One of its containers proper.
    App,
    /// An init container that stays beside them.
    Sidecar,
}

/// A port that a container declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerPort {
    /// The container that has it.
    pub of: Container,
    /// Name; empty where it has none.
    pub name: Box<str>,
    /// `protocol`; TCP where the container does not say.
    pub protocol: Protocol,
    /// `containerPort`: what a `targetPort` of this name stands for.
    pub port: Port,
}

impl ContainerPort {
    /// Whether a release finds it by its name.
    pub(crate) fn is_found(&self, sidecar_ports: SidecarPorts) -> bool {
        match sidecar_ports {
            SidecarPorts::Found => true,
            SidecarPorts::Overlooked => self.of == Container::App,
        }
    }
}

/// What makes Pods: a Deployment, a `StatefulSet` and the like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    /// Its kind, as manifests spell it.
    pub kind: Box<str>,
    /// Its name, in the Pods' namespace.
    pub name: Box<str>,
}

/// Reads a Pod. `None` where no Service can choose it.
pub(super) fn pod(manifest: Located<PodManifest>) -> (Option<Pod>, Findings) {
    let mut check = Check::new(manifest.object);
    // No rule depends on a Pod but through the endpoints that are made of it.
    let pod = check.inert(|check| build(check, *manifest.value));
    (pod, check.findings)
}

fn build(check: &mut Check, manifest: PodManifest) -> Option<Pod> {
    let PodManifest {
        metadata: meta,
        spec,
        status,
    } = manifest;
    let namespace = check.namespace(meta.namespace.as_deref());
    let object = check.object;
    let node = spec.node_name.as_deref().filter(|name| !name.is_empty());
    let node = node.and_then(|name| {
        let place = check.at(FieldPath::root().key("spec").key("nodeName"));
        check.name("name", name, NodeName::parse(name), place)
    });
    let written = status.pod_ips.unwrap_or_default();
    let addresses = written.iter().zip(0u32..).filter_map(|(ip, i)| {
        let text = ip.ip.as_deref()?;
        let field = Field::PodIp(i);
        let value = check.ip(text, check.field(field))?;
        let origin = Origin { object, field };
        Some(Sourced { value, origin })
    });
    let addresses = addresses.collect();
    let mut conditions = status.conditions.iter().flatten();
    let ready = conditions.find(|condition| condition.type_.as_deref() == Some("Ready"));
    let ready = ready.is_some_and(|condition| condition.status.as_deref() == Some("True"));
    let labels = meta.labels.unwrap_or_default();
    let workload = meta.owner_references.iter().flatten();
    let workload = workload
        .filter(|owner| owner.controller == Some(true))
        .find_map(|owner| workload_of(owner, &labels));
    if meta.name.is_none() {
        let place = check.at(metadata("name"));
        check.name::<NodeName>("name", "", NodeName::parse(""), place)?;
    }
    Some(Pod {
        object,
        namespace: namespace?,
        name: meta.name.unwrap_or_default().into(),
        node,
        addresses,
        phase: match status.phase.as_deref() {
            Some("Succeeded" | "Failed") => Phase::Done,
            _ => Phase::Alive,
        },
        readiness: if ready {
            Readiness::Ready
        } else {
            Readiness::Unready
        },
        termination: if meta.deletion_timestamp.is_some() {
            Termination::Terminating
        } else {
            Termination::Running
        },
        ports: container_ports(
            spec.containers.unwrap_or_default(),
            spec.init_containers.unwrap_or_default(),
        ),
        labels,
        workload,
    })
}

/// The ports of containers, then of init containers that stay (`FindPort` in
/// `k8s.io/endpointslice/utils.go`).
pub(super) fn container_ports(
    containers: Vec<ContainerManifest>,
    init: Vec<ContainerManifest>,
) -> Vec<ContainerPort> {
    let stays =
        |container: &ContainerManifest| container.restart_policy.as_deref() == Some("Always");
    let apps = containers.into_iter().map(|one| (Container::App, one));
    let sidecars = init.into_iter().filter(stays);
    let all = apps.chain(sidecars.map(|one| (Container::Sidecar, one)));
    let ports = all.flat_map(|(of, container)| {
        let ports = container.ports.unwrap_or_default();
        ports.into_iter().map(move |port| (of, port))
    });
    let ports = ports.filter_map(|(of, port)| {
        let protocol = match port.protocol.as_deref() {
            None | Some("") => Protocol::Tcp,
            Some(text) => text.parse().ok()?,
        };
        Some(ContainerPort {
            of,
            name: port.name.unwrap_or_default().into(),
            protocol,
            port: Port::try_from(port.container_port?).ok()?,
        })
    });
    ports.collect()
}

/// The workload behind an owner: a Deployment's Pods belong to a `ReplicaSet` that is called after it.
fn workload_of(owner: &OwnerReference, labels: &Labels) -> Option<Workload> {
    let (kind, name) = (owner.kind.as_deref()?, owner.name.as_deref()?);
    let template = labels.get(LABEL_TEMPLATE);
    let deployment = template
        .filter(|_| kind == "ReplicaSet")
        .and_then(|hash| name.strip_suffix(hash.as_str())?.strip_suffix('-'));
    Some(match deployment {
        Some(name) => Workload {
            kind: "Deployment".into(),
            name: name.into(),
        },
        None => Workload {
            kind: kind.into(),
            name: name.into(),
        },
    })
}
