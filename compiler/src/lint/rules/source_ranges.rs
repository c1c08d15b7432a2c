//! PTL014: doors that source ranges leave open. They filter load balancers' addresses and nothing else.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::Service as Manifest;

use super::super::subject::Subject;
use super::{annotation, metadata};
use crate::diag::{Code, Finding, Findings};
use crate::model::service::Service;
use crate::source::{ObjectId, Origin};

/// Source ranges as clouds took them before the field; kube-proxy reads the field alone.
const OLD: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let programmed = subject.cluster.services.iter();
    for service in programmed.filter(|service| service.skipped.is_none()) {
        if let Some(first) = service.source_ranges.first()
            && let Some(doors) = doors(service)
        {
            // Node ports come with the type, and firewalls often guard them; external IPs were asked for.
            let found: fn(Code, Origin, String) -> Finding = if service.external_ips.is_empty() {
                Finding::info
            } else {
                Finding::warning
            };
            findings.push(
                found(
                    Code::SourceRangeBypassed,
                    first.origin,
                    format!("source ranges filter the load balancer's addresses alone; everybody reaches the Service by {doors}"),
                )
                .help("keep others from there by a firewall or a NetworkPolicy, or do without: allocateLoadBalancerNodePorts: false, no externalIPs"),
            );
        }
    }
    for located in &subject.own.services {
        if let Some(finding) = old_annotation(&located.value, located.object) {
            findings.push(finding);
        }
    }
}

/// Where a Service can be reached in spite of its source ranges.
fn doors(service: &Service) -> Option<String> {
    let node_ports: Vec<String> = service
        .ports
        .iter()
        .filter_map(|port| port.node_port)
        .map(|port| port.value.to_string())
        .collect();
    let addresses: Vec<IpAddr> = service.external_ips.iter().map(|ip| ip.value).collect();
    let mut doors = Vec::new();
    if !node_ports.is_empty() {
        doors.push(listed("node port", &node_ports));
    }
    if !addresses.is_empty() {
        let addresses: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
        doors.push(listed("external IP", &addresses));
    }
    (!doors.is_empty()).then(|| doors.join(" and "))
}

/// The first few of them.
fn listed(word: &str, names: &[String]) -> String {
    const SHOWN: usize = 4;
    let plural = if names.len() == 1 { "" } else { "s" };
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => format!("{word}{plural} {shown}"),
        more => format!("{word}{plural} {shown} and {more} more"),
    }
}

fn old_annotation(service: &Manifest, object: ObjectId) -> Option<Finding> {
    annotation(&service.metadata, OLD).filter(|text| !text.trim().is_empty())?;
    let body = service.spec.as_ref()?;
    let field = body
        .load_balancer_source_ranges
        .as_deref()
        .unwrap_or_default();
    if body.type_.as_deref() != Some("LoadBalancer") || !field.is_empty() {
        return None;
    }
    Some(
        Finding::warning(
            Code::SourceRangeBypassed,
            metadata(object, "annotations", OLD),
            "kube-proxy does not read this annotation: no node filters what comes to the load balancer's addresses",
        )
        .help("write the ranges into spec.loadBalancerSourceRanges"),
    )
}
