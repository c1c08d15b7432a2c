//! Nodes: the object, and the facts about it.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A Node object, and the facts about it.
#[derive(Debug, Clone)]
pub struct Node {
    zone: Option<&'static str>,
    pod_cidrs: PodCidrs,
    external_ip: bool,
    facts: Option<Facts>,
}

#[derive(Debug, Clone, Copy)]
enum PodCidrs {
    None,
    V4,
    Both,
}

#[derive(Debug, Clone)]
struct Facts {
    v6: bool,
    second_interface: bool,
    kernel: Option<&'static str>,
    iptables: Option<&'static str>,
}

/// The zones that nodes and endpoints may be in.
pub const ZONES: [&str; 2] = ["zone-1", "zone-2"];

/// The name of a node by its number.
pub fn name(number: usize) -> String {
    format!("node-{number}")
}

/// A Node with any zone, ranges and facts.
pub fn node() -> impl Strategy<Value = Node> {
    let facts = (
        any::<bool>(),
        any::<bool>(),
        proptest::option::of(select(&["4.19.0-27-amd64", "5.8.18", "6.1.0"][..])),
        proptest::option::of(select(&["1.6.1", "1.8.9"][..])),
    )
        .prop_map(|(v6, second_interface, kernel, iptables)| Facts {
            v6,
            second_interface,
            kernel,
            iptables,
        });
    (
        proptest::option::of(select(&ZONES[..])),
        select(&[PodCidrs::None, PodCidrs::V4, PodCidrs::Both][..]),
        any::<bool>(),
        proptest::option::weighted(0.8, facts),
    )
        .prop_map(|(zone, pod_cidrs, external_ip, facts)| Node {
            zone,
            pod_cidrs,
            external_ip,
            facts,
        })
}

impl Node {
    pub(super) fn objects(&self, number: usize) -> Vec<Value> {
        let mut metadata = json!({"name": name(number)});
        if let Some(zone) = self.zone {
            metadata["labels"] = json!({"topology.kubernetes.io/zone": zone});
        }
        let cidrs = match self.pod_cidrs {
            PodCidrs::None => json!({}),
            PodCidrs::V4 => json!({"podCIDRs": [format!("10.244.{number}.0/24")]}),
            PodCidrs::Both => json!({
                "podCIDR": format!("10.244.{number}.0/24"),
                "podCIDRs": [format!("10.244.{number}.0/24"), format!("fd00:244:0:{number}::/64")],
            }),
        };
        let mut addresses = vec![
            json!({"type": "InternalIP", "address": format!("192.168.0.{}", number + 10)}),
            json!({"type": "Hostname", "address": name(number)}),
        ];
        if self.external_ip {
            let address = format!("198.51.100.{}", number + 10);
            addresses.push(json!({"type": "ExternalIP", "address": address}));
        }
        let node = json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": metadata,
            "spec": cidrs,
            "status": {"addresses": addresses},
        });
        let facts = self.facts.as_ref().map(|facts| facts.object(number));
        [node].into_iter().chain(facts).collect()
    }
}

impl Facts {
    fn object(&self, number: usize) -> Value {
        let mut first = vec![format!("192.168.0.{}/24", number + 10)];
        if self.v6 {
            first.extend([format!("fd00::{number:x}/64"), "fe80::1/64".to_owned()]);
        }
        let mut interfaces = vec![json!({"name": "eth0", "addresses": first})];
        if self.second_interface {
            let address = format!("172.18.0.{}/16", number + 10);
            interfaces.push(json!({"name": "eth1", "addresses": [address]}));
        }
        let mut facts = json!({
            "apiVersion": "portolan.dev/v1alpha1",
            "kind": "NodeFacts",
            "metadata": {"name": name(number)},
            "interfaces": interfaces,
        });
        if let Some(kernel) = self.kernel {
            facts["kernel"] = json!(kernel);
        }
        if let Some(version) = self.iptables {
            facts["iptables"] = json!({"version": version, "variant": "nft"});
        }
        facts
    }
}
