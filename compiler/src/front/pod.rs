//! What of a Pod is of use: to which Services it belongs, where it runs, whose network it has, and
//! whether it is kube-proxy.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::kube_proxy::ContainerManifest;

/// A `v1` Pod, as written. The rest of it is for other readers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodManifest {
    /// `metadata`.
    pub metadata: PodMetadata,
    /// `spec`.
    pub spec: PodSpec,
}

/// `metadata` of a Pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodMetadata {
    /// `namespace`.
    pub namespace: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `labels`.
    pub labels: Option<BTreeMap<String, String>>,
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
    /// `containers`.
    pub containers: Option<Vec<ContainerManifest>>,
}
