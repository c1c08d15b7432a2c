//! What of a Pod is of use: which Services choose it, where it runs and at which addresses, and whether
//! it is kube-proxy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kube_proxy::ContainerManifest;

/// A `v1` Pod, as written. The rest of it is for other readers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodManifest {
    /// `metadata`.
    pub metadata: PodMetadata,
    /// `spec`.
    pub spec: PodSpec,
    /// `status`.
    pub status: PodStatus,
}

/// `metadata` of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodMetadata {
    /// `namespace`.
    pub namespace: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `labels`.
    pub labels: Option<BTreeMap<String, String>>,
    /// `deletionTimestamp`: since when it is to go.
    pub deletion_timestamp: Option<String>,
    /// `ownerReferences`: what made it.
    pub owner_references: Option<Vec<OwnerReference>>,
}

/// What made an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OwnerReference {
    /// `kind`.
    pub kind: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `controller`: whether it is the one that manages the object.
    pub controller: Option<bool>,
}

/// `spec` of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSpec {
    /// `nodeName`: where it runs.
    pub node_name: Option<String>,
    /// `hostNetwork`: whether it has the addresses of its node.
    pub host_network: Option<bool>,
    /// `nodeSelector`: labels of the nodes where it may run.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// `affinity`: more about these nodes.
    pub affinity: Option<Affinity>,
    /// `os`: what its nodes run.
    pub os: Option<PodOs>,
    /// `containers`.
    pub containers: Option<Vec<ContainerManifest>>,
    /// `initContainers`: those that are always restarted stay beside the others.
    pub init_containers: Option<Vec<ContainerManifest>>,
    /// `hostname`.
    pub hostname: Option<String>,
    /// `subdomain`.
    pub subdomain: Option<String>,
}

/// `status` of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodStatus {
    /// `phase`.
    pub phase: Option<String>,
    /// `podIP`.
    #[serde(rename = "podIP")]
    pub pod_ip: Option<String>,
    /// `podIPs`: at most one of each family.
    #[serde(rename = "podIPs")]
    pub pod_ips: Option<Vec<PodIp>>,
    /// `conditions`.
    pub conditions: Option<Vec<PodCondition>>,
}

/// An address of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodIp {
    /// `ip`.
    pub ip: Option<String>,
}

/// A condition of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodCondition {
    /// `type`.
    #[serde(rename = "type")]
    pub type_: Option<String>,
    /// `status`: `True`, `False` or `Unknown`.
    pub status: Option<String>,
}

/// `spec.os` of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodOs {
    /// `name`: `linux` or `windows`.
    pub name: Option<String>,
}

/// `spec.affinity` of a Pod, as far as it is about nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Affinity {
    /// `nodeAffinity`.
    pub node_affinity: Option<NodeAffinity>,
}

/// `nodeAffinity`, as far as it is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeAffinity {
    /// `requiredDuringSchedulingIgnoredDuringExecution`.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub required: Option<NodeSelector>,
}

/// Nodes that meet one of some terms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSelector {
    /// `nodeSelectorTerms`.
    pub node_selector_terms: Option<Vec<NodeSelectorTerm>>,
}

/// What all has to be so of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSelectorTerm {
    /// `matchExpressions`: about its labels.
    pub match_expressions: Option<Vec<NodeRequirement>>,
    /// `matchFields`: about its fields, of which `metadata.name` is the only one.
    pub match_fields: Option<Vec<NodeRequirement>>,
}

/// What has to be so of a label or a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeRequirement {
    /// `key`.
    pub key: Option<String>,
    /// `operator`.
    pub operator: Option<String>,
    /// `values`.
    pub values: Option<Vec<String>>,
}
