//! What of a Pod is of use: to which Services it belongs, where it runs, and whose network it has.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A `v1` Pod, as written. Only lint reads it; the rest of it is for other readers.
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
}
