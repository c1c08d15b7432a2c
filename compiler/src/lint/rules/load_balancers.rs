//! PTL012 and PTL031: load balancers' addresses, classes and node ports.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LoadBalancerIngress, Service, ServiceSpec};

use super::super::subject::Subject;
use super::owners::Owners;
use super::spec;
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::Mode;
use crate::model::address::parse_ip;
use crate::source::Field;

fn ingress(service: &Service) -> impl Iterator<Item = (&LoadBalancerIngress, u32)> {
    let status = service.status.as_ref();
    let balancer = status.and_then(|status| status.load_balancer.as_ref());
    let list = balancer
        .into_iter()
        .flat_map(|balancer| balancer.ingress.iter().flatten());
    list.zip(0u32..)
}

/// Addresses that packets never arrive with here: compile passes them by.
pub(super) fn proxies(subject: &Subject<'_>, findings: &mut Findings) {
    for located in &subject.own.services {
        for (ingress, index) in ingress(&located.value) {
            let Some(address) = ingress.ip.as_deref().and_then(|text| parse_ip(text).ok()) else {
                continue;
            };
            if ingress.ip_mode.as_deref() == Some("Proxy") {
                findings.push(
                    Finding::warning(
                        Code::LoadBalancerIp,
                        Place::Field(located.object, Field::IngressIp(index).path()),
                        format!("load balancer IP {address} has ipMode Proxy: no rule is made for it, and packets to it leave the node"),
                    )
                    .help("use ipMode VIP if the load balancer keeps the destination of packets"),
                );
            }
        }
    }
}

/// Addresses that rules are made for, from the input or the base.
pub(super) fn addresses(subject: &Subject<'_>, findings: &mut Findings) {
    let cluster = subject.cluster;
    let classes: BTreeMap<&str, BTreeMap<&str, &str>> = classes(subject);
    let owners = Owners::of(subject);
    let programmed = cluster
        .services
        .iter()
        .filter(|service| service.skipped.is_none());
    for service in programmed {
        let namespace = service.key.namespace.as_str();
        let class = || classes.get(namespace)?.get(service.key.name.as_str());
        for ip in &service.load_balancer_ips {
            let address = ip.value;
            let node = owners.node(address);
            if let Some(node) = node.filter(|_| taken_from_node(subject)) {
                findings.push(
                    Finding::error(
                        Code::LoadBalancerIp,
                        ip.origin,
                        format!("load balancer IP {address} is {}", of_node(node)),
                    )
                    .help("use an address that is nobody else's, or a mode other than ipvs"),
                );
                continue;
            }
            // A node's own address may be handed out by a controller that uses it.
            let owner = owners.of_address(address).filter(|_| node.is_none());
            if let Some(owner) = owner {
                let message = format!("load balancer IP {address} is {owner}");
                findings.push(
                    Finding::error(Code::LoadBalancerIp, ip.origin, message)
                        .help("use an address that is nobody else's"),
                );
                continue;
            }
            let vouched = match &subject.settings.load_balancer_ips {
                Some(allowed) => allowed.allows(namespace, address),
                None => class().is_some(),
            };
            if !vouched {
                findings.push(
                    Finding::warning(
                        Code::LoadBalancerIp,
                        ip.origin,
                        format!("load balancer IP {address}: nothing says that it is this Service's to have"),
                    )
                    .help("name the controller in loadBalancerClass, or allow it in loadBalancerIPs of LintConfig"),
                );
            }
        }
    }
}

/// Whether a Service's address that is a node's own takes away what others send to that node: mode
/// ipvs binds it to kube-ipvs0, all its ports, wherever it is not the node's own.
pub(super) fn taken_from_node(subject: &Subject<'_>) -> bool {
    subject.cluster.config.mode == Mode::Ipvs && subject.cluster.nodes.len() > 1
}

/// What becomes of such a node.
pub(super) fn of_node(node: &str) -> String {
    format!(
        "an address of the node {node}: in mode ipvs every other node keeps all traffic to {node} to itself, whatever the port, with or without a class"
    )
}

/// Load balancer classes by namespace and name; the input's before the base's.
fn classes<'a>(subject: &Subject<'a>) -> BTreeMap<&'a str, BTreeMap<&'a str, &'a str>> {
    let mut classes: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for located in subject.base.services.iter().chain(&subject.own.services) {
        let service = &located.value;
        let Some(name) = service.metadata.name.as_deref() else {
            continue;
        };
        let namespace = service.metadata.namespace.as_deref().unwrap_or("default");
        let class = service
            .spec
            .as_ref()
            .and_then(|body| body.load_balancer_class.as_deref());
        let known = classes.entry(namespace).or_default();
        match class {
            Some(class) => known.insert(name, class),
            None => known.remove(name),
        };
    }
    classes
}

pub(super) fn fields(subject: &Subject<'_>, findings: &mut Findings) {
    for located in &subject.own.services {
        let Some(body) = &located.value.spec else {
            continue;
        };
        if body.type_.as_deref() != Some("LoadBalancer") {
            continue;
        }
        if body.allocate_load_balancer_node_ports == Some(false) {
            for index in kept_node_ports(body) {
                findings.push(
                    Finding::warning(
                        Code::LoadBalancerClass,
                        Place::Field(located.object, Field::NodePort(index).path()),
                        "the node port stays, though allocateLoadBalancerNodePorts is false",
                    )
                    .help("set nodePort to 0, or allocateLoadBalancerNodePorts to true"),
                );
            }
        }
        if let (Some(class), Some(known)) = (
            &body.load_balancer_class,
            &subject.settings.load_balancer_classes,
        ) && !known.has(class)
        {
            findings.push(
                Finding::warning(
                    Code::LoadBalancerClass,
                    spec(located.object, "loadBalancerClass"),
                    format!("no controller of this cluster has the class {class:?}"),
                )
                .help(format!(
                    "use a class of loadBalancerClasses of LintConfig: {}",
                    known.named()
                )),
            );
        }
    }
}

fn kept_node_ports(body: &ServiceSpec) -> impl Iterator<Item = u32> {
    let ports = body.ports.iter().flatten().zip(0u32..);
    ports
        .filter(|(port, _)| port.node_port.is_some_and(|port| port != 0))
        .map(|(_, index)| index)
}
