//! The slices of one Service, as a controller writes them, and the Pods behind them.

use std::collections::BTreeSet;

use portolan_compiler::model::KubeVersion;
use serde_json::{Value, json};

use super::SOMEWHERE;
use super::pod::{Pod, State};
use super::service::{self, NotReady, ServicePort};

/// Which hints a Service's endpoints have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hints {
    None,
    Zone,
    ZoneAndNode,
}

/// What a release gives for `trafficDistribution`, its gates as they are by default.
pub(super) fn hints(service: &Value, release: KubeVersion) -> Hints {
    let annotations = &service["metadata"]["annotations"];
    let older = &annotations["service.kubernetes.io/topology-aware-hints"];
    let written = if older.is_null() {
        &annotations["service.kubernetes.io/topology-mode"]
    } else {
        older
    };
    if matches!(written.as_str(), Some("Auto" | "auto")) {
        return Hints::None;
    }
    let since = |minor| release >= KubeVersion::from_minor(minor).unwrap();
    match service["spec"]["trafficDistribution"].as_str() {
        Some("PreferClose") if since(31) => Hints::Zone,
        Some("PreferSameZone") if since(34) => Hints::Zone,
        Some("PreferSameNode") if since(34) => Hints::ZoneAndNode,
        _ => Hints::None,
    }
}

/// Endpoints with the same ports, of one family.
#[derive(Debug)]
struct Group {
    family: String,
    /// Where each port of the Service is reached.
    ports: Vec<Option<u64>>,
    /// Address, node and state.
    endpoints: Vec<(String, String, State)>,
}

/// A Service with all that stands behind it.
#[derive(Debug)]
pub(super) struct Backed {
    name: Value,
    namespace: Value,
    label: String,
    not_ready: NotReady,
    ports: Vec<ServicePort>,
    groups: Vec<Group>,
}

impl Backed {
    /// Makes the Service choose Pods of its own, and its ports reach them: by number where all
    /// endpoints have the same, and by a name otherwise. Every other port is reached by name anyway.
    pub(super) fn new(slices: &[&Value], service: &mut Value, number: usize) -> Self {
        let ports = service::ports(service);
        service::choose(service, number);
        if service["spec"]["clusterIP"].is_null() && service["spec"]["ipFamilies"].is_null() {
            let families: BTreeSet<_> = slices.iter().filter_map(|one| family(one)).collect();
            let families = families.into_iter().collect::<Vec<_>>();
            let usual = vec!["IPv4"];
            let written = if families.is_empty() { usual } else { families };
            service["spec"]["ipFamilies"] = json!(written);
        }
        let not_ready = NotReady::of(service);
        let mut seen = BTreeSet::new();
        let mut groups = Vec::new();
        for slice in slices {
            let Some(family) = family(slice) else {
                continue;
            };
            if !service::has_family(service, family) {
                continue;
            }
            let endpoints = slice["endpoints"].as_array().into_iter().flatten();
            let endpoints = endpoints.filter_map(|endpoint| {
                let address = endpoint["addresses"][0].as_str()?.to_owned();
                let node = endpoint["nodeName"].as_str().unwrap_or(SOMEWHERE);
                let state = State::near(&endpoint["conditions"], not_ready);
                let first = seen.insert(address.clone());
                first.then(|| (address, node.to_owned(), state))
            });
            groups.push(Group {
                family: family.to_owned(),
                endpoints: endpoints.collect(),
                ports: ports.iter().map(|port| reached_at(slice, port)).collect(),
            });
        }
        groups.retain(|group| !group.endpoints.is_empty());
        let backed = Self {
            name: service["metadata"]["name"].clone(),
            namespace: service["metadata"]["namespace"].clone(),
            label: service::label(number),
            not_ready,
            ports,
            groups,
        };
        for index in 0..backed.ports.len() {
            service["spec"]["ports"][index]["targetPort"] = backed.target(index);
        }
        backed
    }

    fn target(&self, index: usize) -> Value {
        match self.number(index) {
            Some(number) => json!(number),
            None => json!(name(index)),
        }
    }

    /// The number by which a port of the Service is reached.
    fn number(&self, index: usize) -> Option<u64> {
        let numbers: BTreeSet<_> = self.groups.iter().map(|group| group.ports[index]).collect();
        let only = numbers.len() == 1 && index.is_multiple_of(2);
        numbers.first().copied().flatten().filter(|_| only)
    }

    /// The slices, with hints; `objects` has the nodes.
    pub(super) fn slices(&self, hints: Hints, objects: &[Value]) -> Vec<Value> {
        let name = self.name.as_str().unwrap();
        let slices = self.groups.iter().enumerate().map(|(at, group)| {
            let ports = self.ports.iter().zip(&group.ports);
            let ports = ports.filter_map(|(port, reached_at)| {
                let port_number = (*reached_at)?;
                Some(json!({"name": port.name, "protocol": port.protocol, "port": port_number}))
            });
            let endpoints = group.endpoints.iter().map(|(address, node, state)| {
                let conditions = state.conditions(self.not_ready);
                let mut endpoint = json!({
                    "addresses": [address], "nodeName": node, "conditions": conditions,
                });
                if conditions["ready"] == true {
                    hint(&mut endpoint, hints, zone(objects, node));
                }
                endpoint
            });
            json!({
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {
                    "name": format!("{name}-{at}"),
                    "namespace": self.namespace,
                    "labels": {"kubernetes.io/service-name": name},
                },
                "addressType": group.family,
                "ports": ports.collect::<Vec<_>>(),
                "endpoints": endpoints.collect::<Vec<_>>(),
            })
        });
        slices.collect()
    }

    /// The Pods: endpoints of both families that are alike otherwise are one Pod's.
    pub(super) fn pods(&self) -> Vec<Value> {
        let mut pods: Vec<Pod> = Vec::new();
        for group in &self.groups {
            let ports = group
                .ports
                .iter()
                .enumerate()
                .filter_map(|(index, number)| {
                    let protocol = self.ports[index].protocol.clone();
                    let number = (*number)?;
                    let named = self.number(index).is_none();
                    named.then(|| (name(index), protocol, number))
                });
            let ports: Vec<_> = ports.collect();
            let is_v6 = group.family == "IPv6";
            for (address, node, state) in &group.endpoints {
                let other_half = pods.iter_mut().find(|pod| {
                    let alike = (&pod.node, pod.state, &pod.ports) == (node, *state, &ports);
                    alike && pod.addresses.len() == 1 && pod.addresses[0].contains(':') != is_v6
                });
                match other_half {
                    Some(pod) => pod.addresses.push(address.clone()),
                    None => pods.push(Pod {
                        addresses: vec![address.clone()],
                        node: node.clone(),
                        state: *state,
                        ports: ports.clone(),
                    }),
                }
            }
        }
        let pods = pods.iter().enumerate().map(|(at, pod)| {
            let name = format!("{}-{at}", self.label);
            pod.object(&name, &self.namespace, &self.label)
        });
        pods.collect()
    }
}

/// What the Pods call a port of the Service.
fn name(index: usize) -> String {
    format!("reached-{index}")
}

fn family(slice: &Value) -> Option<&str> {
    let family = slice["addressType"].as_str()?;
    matches!(family, "IPv4" | "IPv6").then_some(family)
}

/// Where a slice's endpoints are reached for a port of the Service.
fn reached_at(slice: &Value, port: &ServicePort) -> Option<u64> {
    let mut ports = slice["ports"].as_array().into_iter().flatten();
    let found = ports.find(|one| {
        one["name"].as_str().unwrap_or_default() == port.name
            && one["protocol"].as_str().unwrap_or("TCP") == port.protocol
    });
    found?["port"].as_u64()
}

fn zone<'o>(objects: &'o [Value], node: &str) -> Option<&'o str> {
    let found = objects
        .iter()
        .find(|object| object["kind"] == "Node" && object["metadata"]["name"] == node);
    found?["metadata"]["labels"]["topology.kubernetes.io/zone"].as_str()
}

fn hint(endpoint: &mut Value, hints: Hints, zone: Option<&str>) {
    let node = endpoint["nodeName"].clone();
    if let (Hints::Zone | Hints::ZoneAndNode, Some(zone)) = (hints, zone) {
        endpoint["hints"]["forZones"] = json!([{"name": zone}]);
    }
    if hints == Hints::ZoneAndNode {
        endpoint["hints"]["forNodes"] = json!([{"name": node}]);
    }
}
