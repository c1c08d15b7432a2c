//! Pods to come: what makes them, and what Services will find in them.

use std::fmt;

use super::check::Check;
use super::name::Namespace;
use super::pod::{ContainerPort, Labels, Workload, container_ports};
use crate::diag::Findings;
use crate::english::count;
use crate::front::{Located, PodManifest, TemplateManifest, WorkloadManifest};
use crate::source::ObjectId;

/// What the Pods of a workload are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodTemplate {
    /// The workload's object.
    pub object: ObjectId,
    /// `metadata.namespace` of the workload: its Pods are in the same one.
    pub namespace: Namespace,
    /// Kind and name of what makes them.
    pub workload: Workload,
    /// How many Pods it makes, where that is for it to say.
    pub replicas: Option<u64>,
    /// Labels of its Pods.
    pub labels: Labels,
    /// The ports that their containers declare.
    pub ports: Vec<ContainerPort>,
}

impl fmt::Display for PodTemplate {
    /// `Deployment shop/cart (3 replicas)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload { kind, name } = &self.workload;
        write!(f, "{kind} {}/{name}", self.namespace)?;
        match self.replicas.map(usize::try_from) {
            Some(Ok(replicas)) => write!(f, " ({})", count(replicas, "replica")),
            Some(Err(_)) | None => Ok(()),
        }
    }
}

/// Reads a workload of a kind. `None` where another one makes it, and where it makes nothing.
pub(super) fn template(
    (kind, manifest): (&'static str, Located<WorkloadManifest>),
) -> (Option<PodTemplate>, Findings) {
    let mut check = Check::new(manifest.object);
    let WorkloadManifest { metadata, spec } = *manifest.value;
    let mut owners = metadata.owner_references.iter().flatten();
    if owners.any(|owner| owner.controller == Some(true)) {
        return (None, check.findings);
    }
    let job = spec.job_template.and_then(|job| job.spec.template);
    let Some(template) = spec.template.or(job) else {
        return (None, check.findings);
    };
    let TemplateManifest {
        metadata: of_pods,
        spec: pods,
    } = template;
    // A Deployment, a `StatefulSet` and a `ReplicaSet` make one Pod where they do not say how many.
    let replicas = match kind {
        "Deployment" | "StatefulSet" | "ReplicaSet" => {
            spec.replicas.map_or(Some(1), |replicas| replicas.as_u64())
        }
        _ => None,
    };
    // No rule depends on it.
    let namespace = check.inert(|check| check.namespace(metadata.namespace.as_deref()));
    let template = namespace.map(|namespace| PodTemplate {
        object: manifest.object,
        namespace,
        workload: Workload {
            kind: kind.into(),
            name: metadata.name.unwrap_or_default().into(),
        },
        replicas,
        labels: of_pods.labels.unwrap_or_default(),
        ports: container_ports(
            pods.containers.unwrap_or_default(),
            pods.init_containers.unwrap_or_default(),
        ),
    });
    (template, check.findings)
}

/// A Pod that never ran, such as one from Git, as its own template.
pub(super) fn of_pod(manifest: Located<PodManifest>) -> (Option<PodTemplate>, Findings) {
    let mut check = Check::new(manifest.object);
    let PodManifest { metadata, spec, .. } = *manifest.value;
    let namespace = check.inert(|check| check.namespace(metadata.namespace.as_deref()));
    let template = namespace.map(|namespace| PodTemplate {
        object: manifest.object,
        namespace,
        workload: Workload {
            kind: "Pod".into(),
            name: metadata.name.unwrap_or_default().into(),
        },
        replicas: None,
        labels: metadata.labels.unwrap_or_default(),
        ports: container_ports(
            spec.containers.unwrap_or_default(),
            spec.init_containers.unwrap_or_default(),
        ),
    });
    (template, check.findings)
}
