//! What of a Pod is of use: which Services choose it, where it runs and at which addresses, and whether
//! it is kube-proxy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kube_proxy::ContainerManifest;

/// A `v1` Pod, as written. The rest of it is for other readers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodManifest {
    /// `metadata`: name, namespace, labels and owners.
    pub metadata: PodMetadata,
    /// `spec`: its node and containers.
    pub spec: PodSpec,
    /// `status`: addresses and conditions.
    pub status: PodStatus,
}

/// `metadata` of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodMetadata {
    /// `namespace`: only Services of the same one select it.
    pub namespace: Option<String>,
    /// `name`, unique within the namespace.
    pub name: Option<String>,
    /// `labels`, which selectors are held against.
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
    /// `kind` of the owner, such as `ReplicaSet`.
    pub kind: Option<String>,
    /// `name` of the owner, in the object's own namespace.
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
    /// `containers`: those that run side by side.
    pub containers: Option<Vec<ContainerManifest>>,
    /// `initContainers`: those that are always restarted stay beside the others.
    pub init_containers: Option<Vec<ContainerManifest>>,
    /// `hostname`: its name in DNS, together with `subdomain`.
    pub hostname: Option<String>,
    /// `subdomain`: the Service under which DNS has it.
    pub subdomain: Option<String>,
}

/// `status` of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodStatus {
    /// `phase`: `Succeeded` and `Failed` are the end.
    pub phase: Option<String>,
    /// `podIP`: the first of `podIPs`, in older manifests alone.
    #[serde(rename = "podIP")]
    pub pod_ip: Option<String>,
    /// `podIPs`: at most one of each family.
    #[serde(rename = "podIPs")]
    pub pod_ips: Option<Vec<PodIp>>,
    /// `conditions`, of which `Ready` decides.
    pub conditions: Option<Vec<PodCondition>>,
}

/// An address of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodIp {
    /// `ip`, as written.
    pub ip: Option<String>,
}

/// A condition of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodCondition {
    /// `type`: `Ready`, among others.
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
    /// `nodeAffinity`: which nodes are asked for.
    pub node_affinity: Option<NodeAffinity>,
}

/// `nodeAffinity`, as far as it is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeAffinity {
    /// `requiredDuringSchedulingIgnoredDuringExecution`: what a node must meet.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub required: Option<NodeSelector>,
}

/// Nodes that meet one of some terms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSelector {
    /// `nodeSelectorTerms`, of which one must be met.
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
    /// `key`: the label or field that is asked about.
    pub key: Option<String>,
    /// `operator`: `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`.
    pub operator: Option<String>,
    /// `values`: none with `Exists` and `DoesNotExist`.
    pub values: Option<Vec<String>>,
}
