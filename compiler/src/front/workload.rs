//! What makes Pods: its template says which Services will choose them, and at which ports.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::kube_proxy::ContainerManifest;
use super::pod::PodMetadata;

/// An object that makes Pods, as far as Services choose among these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct WorkloadManifest {
    /// `metadata`: name, namespace and owners.
    pub metadata: PodMetadata,
    /// `spec`: what its Pods are made of, and how many.
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
    /// `spec`: what the Job's Pods are made of.
    pub spec: JobSpec,
}

/// `spec` of a Job within a `CronJob`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct JobSpec {
    /// `template`: what its Pods are made of.
    pub template: Option<TemplateManifest>,
}

/// What Pods are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TemplateManifest {
    /// `metadata`: what the Pods' own is made of.
    pub metadata: TemplateMetadata,
    /// `spec`: what the Pods' own is made of.
    pub spec: TemplateSpec,
}

/// `metadata` of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TemplateMetadata {
    /// `labels`, which selectors are held against.
    pub labels: Option<BTreeMap<String, String>>,
}

/// `spec` of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TemplateSpec {
    /// `containers`: those that run side by side.
    pub containers: Option<Vec<ContainerManifest>>,
    /// `initContainers`: those that are always restarted stay beside the others.
    pub init_containers: Option<Vec<ContainerManifest>>,
}
