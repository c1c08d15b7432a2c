//! What stands behind a Service: slices, or the older Endpoints.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::node;
use super::service::{self, Service};

/// The endpoints of a Service.
#[derive(Debug, Clone)]
pub struct Backing {
    kind: Kind,
    /// Those that slices or Endpoints list.
    pub endpoints: Vec<Endpoint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Slices,
    Endpoints,
}

/// An endpoint, in every family of the Service; its addresses follow from its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    node: Option<usize>,
    ready: Option<bool>,
    serving: Option<bool>,
    terminating: Option<bool>,
    zone_hints: Option<Vec<&'static str>>,
    node_hints: Option<Vec<usize>>,
    /// Which of two slices it is in.
    slice: usize,
    /// The same address once more.
    copy: Option<Copy>,
}

/// What else is said of an endpoint's address.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Copy {
    /// The other slice has it, ready and on no node.
    Stale,
    /// A slice has it in the same state, on another node or with other hints.
    Contradicting {
        slice: usize,
        node: Option<usize>,
        zone_hints: Option<Vec<&'static str>>,
        node_hints: Option<Vec<usize>>,
    },
}

/// Endpoints of a Service, as slices or Endpoints, up to 6.
pub fn backing() -> impl Strategy<Value = Backing> {
    let kind = prop_oneof![5 => Just(Kind::Slices), 1 => Just(Kind::Endpoints)];
    (kind, vec(endpoint(), 0..=6)).prop_map(|(kind, endpoints)| Backing { kind, endpoints })
}

fn zone_hints() -> impl Strategy<Value = Option<Vec<&'static str>>> {
    proptest::option::weighted(0.7, vec(select(&node::ZONES[..]), 1..=2))
}

fn node_hints() -> impl Strategy<Value = Option<Vec<usize>>> {
    proptest::option::weighted(0.7, vec(0usize..3, 1..=2))
}

fn copy() -> impl Strategy<Value = Copy> {
    let contradicting = (
        0usize..2,
        proptest::option::of(0usize..3),
        zone_hints(),
        node_hints(),
    )
        .prop_map(
            |(slice, node, zone_hints, node_hints)| Copy::Contradicting {
                slice,
                node,
                zone_hints,
                node_hints,
            },
        );
    prop_oneof![Just(Copy::Stale), contradicting]
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    let flag = || proptest::option::of(any::<bool>());
    let ready = prop_oneof![2 => Just(None), 3 => Just(Some(true)), 2 => Just(Some(false))];
    (
        proptest::option::weighted(0.9, 0usize..3),
        (ready, flag(), flag()),
        zone_hints(),
        node_hints(),
        0usize..2,
        proptest::option::weighted(0.2, copy()),
    )
        .prop_map(
            |(node, (ready, serving, terminating), zone_hints, node_hints, slice, copy)| Endpoint {
                node,
                ready,
                serving,
                terminating,
                zone_hints,
                node_hints,
                slice,
                copy,
            },
        )
}

impl Backing {
    pub(super) fn objects(&self, number: usize, service: &Service) -> Vec<Value> {
        match self.kind {
            Kind::Endpoints => vec![self.old(number, service)],
            Kind::Slices => [Family::V4, Family::V6]
                .into_iter()
                .filter(|family| family.is_of(service))
                .flat_map(|family| {
                    (0..2).map(move |slice| self.slice(number, service, family, slice))
                })
                .collect(),
        }
    }

    fn slice(&self, number: usize, service: &Service, family: Family, slice: usize) -> Value {
        let endpoints: Vec<Value> = self
            .endpoints
            .iter()
            .zip(0..)
            .flat_map(|(endpoint, at)| {
                let address = family.address(number, at);
                let own = (endpoint.slice == slice).then(|| endpoint.object(&address));
                own.into_iter().chain(endpoint.copy_in(slice, &address))
            })
            .collect();
        let name = service::name(number);
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": format!("{name}-{}-{slice}", family.as_str().to_lowercase()),
                "namespace": "shop",
                "labels": {"kubernetes.io/service-name": name},
            },
            "addressType": family.as_str(),
            "ports": ports(service),
            "endpoints": endpoints,
        })
    }

    fn old(&self, number: usize, service: &Service) -> Value {
        let family = if service.families.has_v4() {
            Family::V4
        } else {
            Family::V6
        };
        let list = |wanted: bool| -> Vec<Value> {
            self.endpoints
                .iter()
                .zip(0..)
                .filter(|(endpoint, _)| endpoint.ready.unwrap_or(true) == wanted)
                .map(|(endpoint, at)| {
                    let mut value = json!({"ip": family.address(number, at)});
                    if let Some(node) = endpoint.node {
                        value["nodeName"] = json!(node::name(node));
                    }
                    value
                })
                .collect()
        };
        json!({
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": service::name(number), "namespace": "shop"},
            "subsets": [{
                "addresses": list(true),
                "notReadyAddresses": list(false),
                "ports": ports(service),
            }],
        })
    }
}

fn ports(service: &Service) -> Vec<Value> {
    (0..service.ports.len())
        .map(|index| {
            let mut value = json!({"port": 8080 + index});
            if let Some(name) = service.port_name(index) {
                value["name"] = json!(name);
            }
            if let Some(protocol) = service.ports[index].protocol {
                value["protocol"] = json!(protocol);
            }
            value
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

impl Family {
    fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }

    fn is_of(self, service: &Service) -> bool {
        match self {
            Self::V4 => service.families.has_v4(),
            Self::V6 => service.families.has_v6(),
        }
    }

    fn address(self, service: usize, endpoint: usize) -> String {
        match self {
            Self::V4 => format!("10.244.{service}.{}", endpoint + 1),
            Self::V6 => format!("fd00:244:0:{service:x}::{:x}", endpoint + 1),
        }
    }
}

impl Endpoint {
    /// What a slice says of its address beside the endpoint itself.
    fn copy_in(&self, in_slice: usize, address: &str) -> Option<Value> {
        match self.copy.clone()? {
            Copy::Stale => (self.slice != in_slice).then(|| json!({"addresses": [address]})),
            Copy::Contradicting {
                slice,
                node,
                zone_hints,
                node_hints,
            } => (slice == in_slice).then(|| {
                let copy = Self {
                    node,
                    zone_hints,
                    node_hints,
                    ..self.clone()
                };
                copy.object(address)
            }),
        }
    }

    fn object(&self, address: &str) -> Value {
        let mut conditions = json!({});
        for (key, flag) in [
            ("ready", self.ready),
            ("serving", self.serving),
            ("terminating", self.terminating),
        ] {
            if let Some(flag) = flag {
                conditions[key] = json!(flag);
            }
        }
        let mut value = json!({"addresses": [address], "conditions": conditions});
        if let Some(node) = self.node {
            value["nodeName"] = json!(node::name(node));
        }
        let mut hints = json!({});
        if let Some(zones) = &self.zone_hints {
            let zones: Vec<Value> = zones.iter().map(|zone| json!({"name": zone})).collect();
            hints["forZones"] = json!(zones);
        }
        if let Some(nodes) = &self.node_hints {
            let nodes = nodes
                .iter()
                .map(|number| json!({"name": node::name(*number)}));
            hints["forNodes"] = nodes.collect();
        }
        value["hints"] = hints;
        value
    }
}
