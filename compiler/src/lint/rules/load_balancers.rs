//! PTL012 and PTL031: load balancers' addresses, classes and node ports.

use k8s_openapi::api::core::v1::{LoadBalancerIngress, Service, ServiceSpec};

use super::super::subject::Subject;
use super::spec;
use crate::diag::{Code, Finding, Findings, Place};
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

pub(super) fn addresses(subject: &Subject<'_>, findings: &mut Findings) {
    for located in &subject.own.services {
        let service = &*located.value;
        let class = service
            .spec
            .as_ref()
            .and_then(|body| body.load_balancer_class.as_deref());
        let namespace = service.metadata.namespace.as_deref().unwrap_or("default");
        for (ingress, index) in ingress(service) {
            let Some(address) = ingress.ip.as_deref().and_then(|text| parse_ip(text).ok()) else {
                continue;
            };
            let place = Place::Field(located.object, Field::IngressIp(index).path());
            if ingress.ip_mode.as_deref() == Some("Proxy") {
                findings.push(
                    Finding::warning(
                        Code::LoadBalancerIp,
                        place,
                        format!("load balancer IP {address} has ipMode Proxy: no rule is made for it, and packets to it leave the node"),
                    )
                    .help("use ipMode VIP if the load balancer keeps the destination of packets"),
                );
                continue;
            }
            let vouched = match &subject.settings.load_balancer_ips {
                Some(allowed) => allowed.iter().any(|entry| entry.allows(namespace, address)),
                None => class.is_some(),
            };
            if !vouched {
                findings.push(
                    Finding::warning(
                        Code::LoadBalancerIp,
                        place,
                        format!("load balancer IP {address}: nothing says that it is this Service's to have"),
                    )
                    .help("name the controller in loadBalancerClass, or allow it in loadBalancerIPs of LintConfig"),
                );
            }
        }
    }
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
        ) && !known.contains(class)
        {
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            findings.push(
                Finding::warning(
                    Code::LoadBalancerClass,
                    spec(located.object, "loadBalancerClass"),
                    format!("no controller of this cluster has the class {class:?}"),
                )
                .help(format!(
                    "use a class of loadBalancerClasses of LintConfig: {known}"
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
