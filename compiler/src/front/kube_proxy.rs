//! What runs kube-proxy: its `DaemonSet`, a static Pod, the configuration of k3s and RKE2. They say its
//! release, and where it takes its settings from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;

use super::pod::{PodMetadata, PodSpec};

/// An `apps/v1` `DaemonSet` as far as kube-proxy's could say something. Only those whose text has the
/// word are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DaemonSetManifest {
    /// `metadata`.
    pub metadata: PodMetadata,
    /// `spec`.
    pub spec: DaemonSetSpec,
}

/// `spec` of a `DaemonSet`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DaemonSetSpec {
    /// `template`: its Pods.
    pub template: PodTemplate,
}

/// `spec.template` of a `DaemonSet`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PodTemplate {
    /// `spec`.
    pub spec: PodSpec,
}

/// A container of a Pod, as far as it tells which program runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContainerManifest {
    /// `image`.
    pub image: Option<String>,
    /// `command`.
    pub command: Option<Vec<String>>,
    /// `args`.
    pub args: Option<Vec<String>>,
}

/// The configuration file of k3s or RKE2, as far as it is about kube-proxy. It is no Kubernetes
/// object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct K3sConfig {
    /// `kube-proxy-arg`: flags without their dashes.
    #[serde(rename = "kube-proxy-arg", alias = "kube-proxy-arg+")]
    pub kube_proxy_arg: Words,
    /// `cluster-cidr`: k3s hands it to kube-proxy.
    #[serde(rename = "cluster-cidr")]
    pub cluster_cidr: Words,
}

/// A word, or a list of words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// One.
    One(String),
    /// Any number.
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Words {
    /// All of them.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Many(words) => words,
        }
    }
}

impl PodSpec {
    /// Labels that a node must have, for the Pod to run there.
    pub fn node_labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.node_selector.iter().flat_map(BTreeMap::iter);
        labels.map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// Whether the text of a workload could be that of one that runs kube-proxy; a cheap look.
pub(super) fn may_run(text: &str) -> bool {
    static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("kube-proxy"));
    NAME.find(text.as_bytes()).is_some()
}

/// Whether text without a kind could be a [`K3sConfig`]; a cheap look.
pub(super) fn may_be_k3s(text: &str) -> bool {
    static KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("kube-proxy-arg"));
    KEY.find(text.as_bytes()).is_some()
}
