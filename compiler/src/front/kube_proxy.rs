//! What runs kube-proxy: its `DaemonSet`, a static Pod. They say its release, and where it takes its
//! settings from.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;

use super::pod::{PodMetadata, PodSpec};

/// An `apps/v1` `DaemonSet` as far as kube-proxy's could say something. Only those whose text has the
/// word are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DaemonSetManifest {
    /// `metadata`: name, namespace and labels.
    pub metadata: PodMetadata,
    /// `spec`: what its Pods run.
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
    /// `spec`: containers and nodes of the Pods.
    pub spec: PodSpec,
}

/// A container of a Pod, as far as it tells which program runs, and at which ports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerManifest {
    /// `ports`: those it declares, which need not be all it serves.
    pub ports: Option<Vec<ContainerPortManifest>>,
    /// `restartPolicy`: `Always` for an init container that stays.
    pub restart_policy: Option<String>,
    /// `image`: its tag may tell kube-proxy's release.
    pub image: Option<String>,
    /// `command`: program and first words; the image's own where it is absent.
    pub command: Option<Vec<String>>,
    /// `args`: further words of the command line.
    pub args: Option<Vec<String>>,
    /// `env`: variables that the words may refer to.
    pub env: Option<Vec<EnvVar>>,
}

/// A port that a container declares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPortManifest {
    /// `name`: what a Service's `targetPort` may ask for.
    pub name: Option<String>,
    /// `containerPort`: the port's number.
    pub container_port: Option<i32>,
    /// `protocol`; TCP where there is none.
    pub protocol: Option<String>,
}

/// A variable of a container, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvVar {
    /// `name`: by which `$(NAME)` refers to it.
    pub name: Option<String>,
    /// `value`: text, in a manifest that the API server takes.
    pub value: Option<serde_json::Value>,
    /// `valueFrom`: known on the node alone.
    pub value_from: Option<serde_json::Value>,
}

/// Whether the text of a workload could be that of one that runs kube-proxy; a cheap look.
pub(super) fn may_run(text: &str) -> bool {
    static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("kube-proxy"));
    NAME.find(text.as_bytes()).is_some()
}

/// Keys at the top of the configuration of k3s or RKE2 that nothing else has there.
const K3S_KEYS: [&str; 20] = [
    "agent-token",
    "cluster-cidr",
    "cluster-init",
    "cluster-reset",
    "disable-cloud-controller",
    "disable-kube-proxy",
    "disable-network-policy",
    "etcd-arg",
    "flannel-backend",
    "flannel-iface",
    "kube-apiserver-arg",
    "kube-controller-manager-arg",
    "kube-proxy-arg",
    "kube-scheduler-arg",
    "kubelet-arg",
    "node-external-ip",
    "node-taint",
    "service-cidr",
    "tls-san",
    "write-kubeconfig-mode",
];

/// Whether text without a kind is evidently the configuration of k3s or RKE2, by a key at its top.
pub(super) fn is_k3s(text: &str) -> bool {
    let is_key = |line: &str| {
        let key = line.split_once(':').map(|(key, _)| key.trim_matches('"'));
        key.is_some_and(|key| K3S_KEYS.contains(&key.strip_suffix('+').unwrap_or(key)))
    };
    // Whoever writes it in one line in JSON has flags for kube-proxy in it.
    static KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"kube-proxy-arg"));
    text.lines().any(is_key) || KEY.find(text.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_of_k3s_is_known_by_its_keys() {
        for (text, expected) in [
            ("kube-proxy-arg:\n- proxy-mode=ipvs\n", true),
            ("token: x\nkube-proxy-arg+: [v=2]\n", true),
            ("server: https://x:9345\ntls-san:\n- x\n", true),
            ("write-kubeconfig-mode: '0644'\n", true),
            ("{\"kube-proxy-arg\": [\"proxy-mode=ipvs\"]}", true),
            ("replicas: 2\nimage: x\n", false),
            ("k3s:\n  cluster-cidr: 10.42.0.0/16\n", false),
            ("token: x\nserver: y\n", false),
        ] {
            assert_eq!(is_k3s(text), expected, "{text}");
        }
    }
}
