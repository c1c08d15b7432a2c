//! What the running cluster allocated, for manifests that come from Git.
//!
//! The Git object's spec wins; cluster IPs, node ports, the health check port and the status come
//! from the base, each keeping the base as its origin.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};

use super::name::{Namespace, ServiceName};
use super::selector::ControllerInput;
use super::service::ServiceKey;
use crate::front::Located;
use crate::source::ObjectId;

/// Which object each allocated field comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allocation {
    pub(super) cluster_ips: ObjectId,
    pub(super) health_check_node_port: ObjectId,
    pub(super) status: ObjectId,
    /// By index of the port: the object and index its node port comes from, where not its own.
    node_ports: BTreeMap<u32, (ObjectId, u32)>,
    own: ObjectId,
}

impl Allocation {
    fn own(object: ObjectId) -> Self {
        Self {
            cluster_ips: object,
            health_check_node_port: object,
            status: object,
            node_ports: BTreeMap::new(),
            own: object,
        }
    }

    /// Object and port index that the node port of port `i` stands at.
    pub(super) fn node_port(&self, i: u32) -> (ObjectId, u32) {
        self.node_ports.get(&i).copied().unwrap_or((self.own, i))
    }
}

/// A Service as the API server would store it after an update of the base by the input.
#[derive(Debug, Clone)]
pub(super) struct Merged {
    pub(super) object: ObjectId,
    pub(super) value: Box<Service>,
    pub(super) allocation: Allocation,
    /// What of it the base's endpoints were not chosen for.
    pub(super) outdated: Vec<ControllerInput>,
}

impl Merged {
    /// A Service that brings its own allocations.
    pub(super) fn alone(service: Located<Service>) -> Self {
        Self {
            object: service.object,
            allocation: Allocation::own(service.object),
            value: service.value,
            outdated: Vec::new(),
        }
    }

    /// A Service of the input, completed from the base.
    pub(super) fn with_base(service: Located<Service>, base: &Located<Service>) -> Self {
        let mut merged = Self::alone(service);
        let default = ServiceSpec::default();
        let old = base.value.spec.as_ref().unwrap_or(&default);
        let new = merged.value.spec.get_or_insert_default();
        if is_alias(new) {
            merged.outdated = outdated(new, old);
            return merged;
        }
        if is_empty(new.cluster_ip.as_deref()) && new.cluster_ips.as_ref().is_none_or(Vec::is_empty)
        {
            merged.allocation.cluster_ips = base.object;
            new.cluster_ip.clone_from(&old.cluster_ip);
            new.cluster_ips.clone_from(&old.cluster_ips);
            if new.ip_families.as_ref().is_none_or(Vec::is_empty) {
                new.ip_families.clone_from(&old.ip_families);
            } else {
                keep_families(new);
            }
            release_second_family(new);
        } else if is_headless(new) && is_headless(old) && new.ip_families.is_none() {
            new.ip_families.clone_from(&old.ip_families);
        }
        merged.outdated = outdated(new, old);
        let has_node_ports = matches!(new.type_.as_deref(), Some("NodePort" | "LoadBalancer"));
        if has_node_ports && new.allocate_load_balancer_node_ports != Some(false) {
            carry_node_ports(new, old, base.object, &mut merged.allocation);
        }
        let load_balancer = new.type_.as_deref() == Some("LoadBalancer");
        if load_balancer && matches!(new.health_check_node_port, None | Some(0)) {
            merged.allocation.health_check_node_port = base.object;
            new.health_check_node_port = old.health_check_node_port;
        }
        // The API server clears the status of a Service that is no load balancer any more.
        if load_balancer {
            merged.allocation.status = base.object;
            merged.value.status.clone_from(&base.value.status);
        }
        merged
    }
}

fn is_empty(text: Option<&str>) -> bool {
    text.is_none_or(str::is_empty)
}

/// Keeps the base's cluster IPs of the families that the input asks for, in the input's order.
fn keep_families(new: &mut ServiceSpec) {
    let ips = new
        .cluster_ips
        .take()
        .filter(|ips| !ips.is_empty())
        .unwrap_or_else(|| new.cluster_ip.iter().cloned().collect());
    if ips.first().is_some_and(|ip| ip == "None") {
        new.cluster_ips = Some(ips);
        return;
    }
    let families = new.ip_families.clone().unwrap_or_default();
    let kept: Vec<String> = families
        .iter()
        .filter_map(|family| {
            ips.iter()
                .find(|ip| ip.contains(':') == (family == "IPv6"))
                .cloned()
        })
        .collect();
    new.cluster_ip = kept.first().cloned();
    new.ip_families = Some(families.into_iter().take(kept.len().max(1)).collect());
    new.cluster_ips = Some(kept);
}

/// The API server takes the second family away where a manifest says that there is to be one.
fn release_second_family(new: &mut ServiceSpec) {
    if new.ip_family_policy.as_deref() != Some("SingleStack") {
        return;
    }
    if let Some(ips) = &mut new.cluster_ips {
        ips.truncate(1);
    }
    if let Some(families) = &mut new.ip_families {
        families.truncate(1);
    }
}

fn is_headless(spec: &ServiceSpec) -> bool {
    let first = spec.cluster_ips.as_ref().and_then(|ips| ips.first());
    spec.cluster_ip.as_deref().or(first.map(String::as_str)) == Some("None")
}

/// Which port another one was, as an index.
type Former<'a> = &'a dyn Fn(&ServicePort) -> Option<usize>;

/// As the API server patches: a node port stays with the same protocol and port, else name.
fn carry_node_ports(
    new: &mut ServiceSpec,
    old: &ServiceSpec,
    base: ObjectId,
    allocation: &mut Allocation,
) {
    let old_ports = old.ports.as_deref().unwrap_or_default();
    let Some(new_ports) = &mut new.ports else {
        return;
    };
    let by_number = first_by(old_ports, |port| Some(port.port));
    let by_name = first_by(old_ports, |port| port.name.as_deref());
    // A node port that another port of the Service has already is not handed out again.
    let mut taken: BTreeSet<(String, i32)> = new_ports
        .iter()
        .filter_map(|port| Some((protocol(port).to_owned(), port.node_port?)))
        .collect();
    let same_number = |port: &ServicePort| by_number.get(&(protocol(port), port.port)).copied();
    let same_name = |port: &ServicePort| {
        let name = port.name.as_deref()?;
        by_name.get(&(protocol(port), name)).copied()
    };
    let same: [Former<'_>; 2] = [&same_number, &same_name];
    for same in same {
        for (i, port) in new_ports.iter_mut().enumerate() {
            if is_set(port.node_port) {
                continue;
            }
            let found =
                same(port).and_then(|at| Some((at, old_ports[at].node_port.filter(|n| *n != 0)?)));
            let Some((at, node_port)) = found else {
                continue;
            };
            if taken.insert((protocol(port).to_owned(), node_port)) {
                port.node_port = Some(node_port);
                allocation.node_ports.insert(number(i), (base, number(at)));
            }
        }
    }
}

/// The first port with each protocol and key, as an index.
fn first_by<'p, K: Ord>(
    ports: &'p [ServicePort],
    key: impl Fn(&'p ServicePort) -> Option<K>,
) -> BTreeMap<(&'p str, K), usize> {
    let mut first = BTreeMap::new();
    for (at, port) in ports.iter().enumerate() {
        if let Some(key) = key(port) {
            first.entry((protocol(port), key)).or_insert(at);
        }
    }
    first
}

fn is_set(node_port: Option<i32>) -> bool {
    !matches!(node_port, None | Some(0))
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn protocol(port: &ServicePort) -> &str {
    port.protocol
        .as_deref()
        .filter(|text| !text.is_empty())
        .unwrap_or("TCP")
}

/// What of the base's Service the controller of endpoints would read otherwise now: the base's endpoints
/// were chosen for what stands there.
fn outdated(new: &ServiceSpec, old: &ServiceSpec) -> Vec<ControllerInput> {
    let differs = |input: &ControllerInput| match input {
        ControllerInput::Type => is_alias(new) != is_alias(old),
        ControllerInput::Selector => {
            new.selector.clone().unwrap_or_default() != old.selector.clone().unwrap_or_default()
        }
        ControllerInput::Ports => targets(new).keys().ne(targets(old).keys()),
        ControllerInput::TargetPort => {
            let (new, old) = (targets(new), targets(old));
            let mut kept = new
                .iter()
                .filter_map(|(key, target)| Some((target, old.get(key)?)));
            kept.any(|(new, old)| new != old)
        }
        ControllerInput::NotReady => publishes(new) != publishes(old),
        // What the input leaves open is the base's by now.
        ControllerInput::Families => {
            let sorted = |spec: &ServiceSpec| -> BTreeSet<String> {
                spec.ip_families.iter().flatten().cloned().collect()
            };
            new.ip_families.is_some() && old.ip_families.is_some() && sorted(new) != sorted(old)
        }
        ControllerInput::TrafficDistribution => {
            new.traffic_distribution != old.traffic_distribution
        }
    };
    ControllerInput::ALL.into_iter().filter(differs).collect()
}

fn is_alias(spec: &ServiceSpec) -> bool {
    spec.type_.as_deref() == Some("ExternalName")
}

fn publishes(spec: &ServiceSpec) -> bool {
    spec.publish_not_ready_addresses == Some(true)
}

/// Where each port is reached, by its name and protocol.
fn targets(spec: &ServiceSpec) -> BTreeMap<(String, String), String> {
    use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
    let ports = spec.ports.iter().flatten().map(|port| {
        let target = match &port.target_port {
            None | Some(IntOrString::Int(0)) => port.port.to_string(),
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::String(name)) => name.clone(),
        };
        let name = port.name.clone().unwrap_or_default();
        ((name, protocol(port).to_owned()), target)
    });
    ports.collect()
}

/// Ports that kept their protocol and number but have another name, with the names before and after:
/// the base's slices know them by the former.
pub(super) fn renamed_ports(
    new: &Service,
    old: &Service,
) -> Option<(ServiceKey, Vec<(String, String)>)> {
    let name = ServiceName::parse(new.metadata.name.as_deref()?).ok()?;
    let namespace = new.metadata.namespace.as_deref().unwrap_or("default");
    let key = ServiceKey {
        namespace: Namespace::parse(namespace).ok()?,
        name,
    };
    let old_ports = old.spec.as_ref()?.ports.as_deref().unwrap_or_default();
    let before = first_by(old_ports, |port| Some(port.port));
    let names: Vec<(String, String)> = new
        .spec
        .as_ref()?
        .ports
        .iter()
        .flatten()
        .filter_map(|port| {
            let before = &old_ports[*before.get(&(protocol(port), port.port))?];
            let before = before.name.clone().unwrap_or_default();
            let after = port.name.clone().unwrap_or_default();
            (before != after).then_some((before, after))
        })
        .collect();
    (!names.is_empty()).then_some((key, names))
}
