//! A Pod, by what it makes an endpoint.

use serde_json::{Value, json};

use super::service::{LABEL, NotReady};

/// How an endpoint stands, as far as a Pod can make it stand so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    pub(super) serving: bool,
    pub(super) terminating: bool,
}

impl State {
    /// What comes nearest to conditions, absent ones read as kube-proxy reads them.
    pub(super) fn near(conditions: &Value, not_ready: NotReady) -> Self {
        let flag = |key: &str, absent| conditions[key].as_bool().unwrap_or(absent);
        let terminating = flag("terminating", false);
        if not_ready == NotReady::Published {
            return Self {
                serving: flag("serving", true),
                terminating,
            };
        }
        if flag("ready", true) {
            return Self {
                serving: true,
                terminating: false,
            };
        }
        Self {
            // Who serves and stays is ready.
            serving: terminating && flag("serving", true),
            terminating,
        }
    }

    /// What a controller writes.
    pub(super) fn conditions(self, not_ready: NotReady) -> Value {
        let published = not_ready == NotReady::Published;
        json!({
            "ready": published || (self.serving && !self.terminating),
            "serving": self.serving,
            "terminating": self.terminating,
        })
    }
}

/// A Pod's own part of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pod {
    pub(super) addresses: Vec<String>,
    pub(super) node: String,
    pub(super) state: State,
    /// Ports with names: name, protocol, number.
    pub(super) ports: Vec<(String, String, u64)>,
}

impl Pod {
    pub(super) fn object(&self, name: &str, namespace: &Value, label: &str) -> Value {
        let ports = self.ports.iter().map(|(name, protocol, port)| {
            json!({"name": name, "protocol": protocol, "containerPort": port})
        });
        let ips = self.addresses.iter().map(|ip| json!({"ip": ip}));
        let ready = if self.state.serving { "True" } else { "False" };
        let mut pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "labels": {LABEL: label, "version": "1"},
            },
            "spec": {
                "nodeName": self.node,
                "containers": [{"name": "app", "ports": ports.collect::<Vec<_>>()}],
            },
            "status": {
                "phase": "Running",
                "podIPs": ips.collect::<Vec<_>>(),
                "conditions": [
                    {"type": "PodScheduled", "status": "True"},
                    {"type": "Ready", "status": ready},
                ],
            },
        });
        if self.state.terminating {
            pod["metadata"]["deletionTimestamp"] = json!("2024-01-01T00:00:00Z");
        }
        pod
    }
}
