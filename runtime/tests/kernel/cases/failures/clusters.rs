//! Two small clusters that a node is taken between.

use portolan_runtime::report::Exit;
use serde_json::{Value, json};

use crate::node::portolan::{inputs, on_node};
pub(in crate::cases) use crate::node::read_once::read_once as holds;

/// One of the two clusters, of two Services each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cases) enum Cluster {
    Old,
    New,
}

impl Cluster {
    pub(in crate::cases) fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }

    /// The flags with which a command reads it.
    pub(in crate::cases) fn flags(self) -> String {
        let (folder, items) = match self {
            Self::Old => (
                "old",
                vec![
                    service("web", "10.96.0.1", "TCP", 80, &["10.244.0.5", "10.244.0.6"]),
                    service("dns", "10.96.0.2", "UDP", 53, &["10.244.0.7"]),
                ],
            ),
            Self::New => (
                "new",
                vec![
                    service("web", "10.96.0.1", "TCP", 80, &["10.244.0.6", "10.244.0.9"]),
                    service("api", "10.96.0.3", "TCP", 443, &["10.244.0.8"]),
                ],
            ),
        };
        let items: Vec<Value> = items.into_iter().flatten().collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        let facts = "apiVersion: portolan.dev/v1alpha1\nkind: NodeFacts\n\
                     metadata: {name: node-a}\ninterfaces:\n\
                     - {name: eth0, addresses: [192.168.0.41/24]}\n";
        let files = [
            ("cluster.json", list.to_string()),
            ("facts.yaml", facts.to_owned()),
        ];
        format!("{} --node node-a --max-removal 100", inputs(folder, files))
    }

    pub(in crate::cases) fn apply(self) -> String {
        on_node(&self.command()).ends(Exit::Done);
        holds()
    }

    /// The words with which it is applied.
    pub(in crate::cases) fn command(self) -> String {
        format!("apply --yes --drain 0 {}", self.flags())
    }
}

fn service(name: &str, address: &str, protocol: &str, port: u16, pods: &[&str]) -> [Value; 2] {
    let endpoints: Vec<Value> = pods.iter().map(|pod| json!({"addresses": [pod]})).collect();
    [
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {
                "clusterIP": address,
                "clusterIPs": [address],
                "ports": [{"port": port, "protocol": protocol}],
            },
        }),
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": format!("{name}-1"),
                "namespace": "shop",
                "labels": {"kubernetes.io/service-name": name},
            },
            "addressType": "IPv4",
            "ports": [{"name": "", "port": port, "protocol": protocol}],
            "endpoints": endpoints,
        }),
    ]
}

/// What the node holds with either cluster; it is left with the old one.
pub(in crate::cases) fn both() -> (String, String) {
    Cluster::Old.apply();
    let new = Cluster::New.apply();
    let old = Cluster::Old.apply();
    assert_ne!(old, new);
    (old, new)
}
