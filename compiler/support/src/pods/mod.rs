//! Pods made up for the slices of a cluster: what a controller would have made these slices of.
//!
//! Not every slice can come from Pods. So the slices are first brought to what a controller writes: no
//! address twice, conditions that a Pod can have, a node for each endpoint, the ports and families that
//! the Service has, hints as `trafficDistribution` gives them.

mod pod;
mod service;
mod slices;

use std::collections::BTreeSet;

use portolan_compiler::model::KubeVersion;
use serde_json::{Value, json};

use slices::Backed;

/// `trafficDistribution` of all Services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// As the objects have it.
    AsIs,
    /// `PreferClose`: endpoints of the client's zone.
    PreferClose,
    /// `PreferSameZone`: the same, by its newer name.
    PreferSameZone,
    /// `PreferSameNode`: the client's node first, then its zone.
    PreferSameNode,
}

impl Distribution {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::AsIs,
        Self::PreferClose,
        Self::PreferSameZone,
        Self::PreferSameNode,
    ];

    fn as_str(self) -> Option<&'static str> {
        match self {
            Self::AsIs => None,
            Self::PreferClose => Some("PreferClose"),
            Self::PreferSameZone => Some("PreferSameZone"),
            Self::PreferSameNode => Some("PreferSameNode"),
        }
    }
}

/// The same cluster twice over: with slices, and with the Pods that these slices are made of.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Everything that is neither.
    pub others: Vec<Value>,
    /// Slices as a controller of the release writes them.
    pub slices: Vec<Value>,
    /// The Pods that the slices are of.
    pub pods: Vec<Value>,
}

impl Cluster {
    /// Makes Pods for the slices of `objects`. Older Endpoints are left out.
    pub fn new(objects: &[Value], distribution: Distribution, release: KubeVersion) -> Self {
        let mut others = Vec::new();
        let mut slices = Vec::new();
        let mut services = Vec::new();
        for object in objects {
            match object["kind"].as_str() {
                Some("EndpointSlice") => slices.push(object.clone()),
                Some("Service") => services.push(object.clone()),
                Some("Endpoints" | "Pod") => {}
                _ => others.push(object.clone()),
            }
        }
        others.extend(missing_nodes(&others, &slices));
        let mut made = Self {
            others,
            slices: Vec::new(),
            pods: Vec::new(),
        };
        for (mut service, number) in services.into_iter().zip(0..) {
            let own: Vec<&Value> = slices.iter().filter(|one| is_of(one, &service)).collect();
            if let Some(distribution) = distribution.as_str() {
                service["spec"]["trafficDistribution"] = json!(distribution);
            }
            if service["spec"]["type"] != "ExternalName" {
                let backed = Backed::new(&own, &mut service, number);
                let hints = slices::hints(&service, release);
                made.slices.extend(backed.slices(hints, &made.others));
                made.pods.extend(backed.pods());
            }
            made.others.push(service);
        }
        made
    }

    /// The cluster with its slices.
    pub fn with_slices(&self) -> Vec<Value> {
        [self.others.as_slice(), &self.slices].concat()
    }

    /// The cluster with Pods in their place, in an order of the caller's.
    pub fn with_pods(&self, pods: &[Value]) -> Vec<Value> {
        [self.others.as_slice(), pods].concat()
    }
}

/// Pods of every namespace that no Service chooses.
pub fn strangers(objects: &[Value]) -> Vec<Value> {
    let namespaces: BTreeSet<&str> = objects.iter().filter_map(namespace).collect();
    let strangers = namespaces.into_iter().map(|namespace| {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "stranger", "namespace": namespace, "labels": {"app": "nobodys"}},
            "spec": {"nodeName": "nowhere"},
            "status": {
                "phase": "Running",
                "podIPs": [{"ip": "10.255.255.1"}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        })
    });
    strangers.collect()
}

fn namespace(object: &Value) -> Option<&str> {
    object["metadata"]["namespace"].as_str()
}

fn is_of(slice: &Value, service: &Value) -> bool {
    let label = &slice["metadata"]["labels"]["kubernetes.io/service-name"];
    *label == service["metadata"]["name"] && namespace(slice) == namespace(service)
}

/// Where endpoints are that say nothing of it.
const SOMEWHERE: &str = "somewhere";

/// The nodes that endpoints are on and `objects` lacks: no Pod counts without its Node.
fn missing_nodes(objects: &[Value], slices: &[Value]) -> Vec<Value> {
    let endpoints = slices
        .iter()
        .flat_map(|slice| slice["endpoints"].as_array().into_iter().flatten());
    let mut names: BTreeSet<&str> = endpoints
        .map(|endpoint| endpoint["nodeName"].as_str().unwrap_or(SOMEWHERE))
        .collect();
    for object in objects.iter().filter(|object| object["kind"] == "Node") {
        names.remove(object["metadata"]["name"].as_str().unwrap());
    }
    let nodes = names.into_iter().zip(1u8..).map(|(name, number)| {
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name},
            "spec": {
                "podCIDR": format!("10.254.{number}.0/24"),
                "podCIDRs": [format!("10.254.{number}.0/24"), format!("fd00:254:0:{number:x}::/64")],
            },
            "status": {"addresses": [
                {"type": "InternalIP", "address": format!("192.168.254.{number}")},
                {"type": "InternalIP", "address": format!("fd00:168:254::{number:x}")},
            ]},
        })
    });
    nodes.collect()
}
