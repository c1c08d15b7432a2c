//! What makes Pods: its template says which Services will choose them, and at which ports.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::kube_proxy::ContainerManifest;
use super::pod::PodMetadata;

crate::closed_set! {
    /// The kinds that make Pods, beside a `DaemonSet`.
    pub enum WorkloadKind {
        /// `apps/v1` Deployment.
        Deployment = "Deployment",
        /// `apps/v1` `StatefulSet`.
        StatefulSet = "StatefulSet",
        /// `apps/v1` `ReplicaSet`.
        ReplicaSet = "ReplicaSet",
        /// `batch/v1` Job.
        Job = "Job",
        /// `batch/v1` `CronJob`.
        CronJob = "CronJob",
    }
}

impl WorkloadKind {
    /// The kind of an object of this group, version and kind.
    pub(super) fn of(group: &str, version: &str, kind: &str) -> Option<Self> {
        let found: Self = kind.parse().ok()?;
        ((group, version) == (found.group(), "v1")).then_some(found)
    }

    /// The group of its API.
    pub(crate) fn group(self) -> &'static str {
        match self {
            Self::Deployment | Self::StatefulSet | Self::ReplicaSet => "apps",
            Self::Job | Self::CronJob => "batch",
        }
    }

    /// `Deployment.apps`.
    pub(super) fn with_group(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment.apps",
            Self::StatefulSet => "StatefulSet.apps",
            Self::ReplicaSet => "ReplicaSet.apps",
            Self::Job => "Job.batch",
            Self::CronJob => "CronJob.batch",
        }
    }
}

/// An object that makes Pods, as far as Services choose among these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct WorkloadManifest {
    /// `metadata`.
    pub metadata: PodMetadata,
    /// `spec`.
    pub spec: WorkloadSpec,
}

/// `spec` of a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadSpec {
    /// `replicas`, as written.
    pub replicas: Option<Value>,
    /// `template`: its Pods.
    pub template: Option<TemplateManifest>,
    /// `jobTemplate` of a `CronJob`.
    pub job_template: Option<JobTemplate>,
}

/// What a `CronJob` makes Jobs of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct JobTemplate {
    /// `spec`.
    pub spec: JobSpec,
}

/// `spec` of a Job within a `CronJob`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct JobSpec {
    /// `template`.
    pub template: Option<TemplateManifest>,
}

/// What Pods are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TemplateManifest {
    /// `metadata`.
    pub metadata: TemplateMetadata,
    /// `spec`.
    pub spec: TemplateSpec,
}

/// `metadata` of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TemplateMetadata {
    /// `labels`.
    pub labels: Option<BTreeMap<String, String>>,
}

/// `spec` of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TemplateSpec {
    /// `containers`.
    pub containers: Option<Vec<ContainerManifest>>,
    /// `initContainers`.
    pub init_containers: Option<Vec<ContainerManifest>>,
}
