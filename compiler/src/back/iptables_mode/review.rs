//! What a reader of the manifests would not expect of mode iptables, though kube-proxy does just
//! that.

use super::lower::{Scope, Served, scope, served};
use crate::diag::{Code, Finding, Findings};
use crate::ir::{Frontend, FrontendKind, Program, ServicePort};
use crate::model::IpFamily;
use crate::model::config::LocalhostNodePorts;
use crate::model::service::TrafficPolicy;

/// Reports where mode iptables does what its user may not mean.
pub fn review(program: &Program, localhost: LocalhostNodePorts, findings: &mut Findings) {
    for family in IpFamily::ALL {
        node_ports(program, localhost, family, findings);
    }
    for port in &program.service_ports {
        for frontend in &port.frontends {
            local_policy(port, frontend, findings);
        }
    }
}

fn local_policy(port: &ServicePort, frontend: &Frontend, findings: &mut Findings) {
    let served = served(port, frontend.policy);
    if frontend.policy != TrafficPolicy::Local || served == Served::ByEndpoints {
        return;
    }
    let (code, message, help) = match (&frontend.kind, served) {
        (FrontendKind::ClusterIp(_), Served::NotHere) => (
            Code::InternalPolicyDrops,
            format!(
                "{} has internalTrafficPolicy Local and no usable {} endpoint on the node: mode iptables drops connections",
                port.key, port.key.family
            ),
            "run an endpoint on every node that needs it",
        ),
        // Nothing else reports what only this policy looks for.
        (FrontendKind::ClusterIp(_), _) if port.frontends.len() == 1 => (
            Code::InternalPolicyDrops,
            format!(
                "{} has internalTrafficPolicy Local and no usable {} endpoint on any node: connections are refused",
                port.key, port.key.family
            ),
            "check the Service's selector and the readiness of its pods",
        ),
        (FrontendKind::ClusterIp(_), _) => return,
        (_, Served::NotHere) => (
            Code::LocalFallback,
            format!(
                "{} has externalTrafficPolicy Local and no endpoint on the node: mode iptables drops what comes from outside, and sends the node itself and its pods to other nodes' endpoints",
                port.key
            ),
            "keep traffic from nodes without an endpoint",
        ),
        // Reported already: there is no endpoint at all.
        (_, _) => return,
    };
    findings.push(Finding::warning(code, port.origin, message).help(help));
}

fn node_ports(
    program: &Program,
    localhost: LocalhostNodePorts,
    family: IpFamily,
    findings: &mut Findings,
) {
    let mut used = program
        .service_ports
        .iter()
        .filter(|port| port.key.family == family)
        .flat_map(|port| &port.frontends)
        .filter(|frontend| frontend.kind == FrontendKind::NodePort);
    let Some(frontend) = used.next() else {
        return;
    };
    if scope(program, localhost, family) == Scope::Addresses(Vec::new()) {
        findings.push(
            Finding::warning(
                Code::NodePortUnserved,
                frontend.origin,
                format!("no {family} address of the node serves node ports: nothing leads to them"),
            )
            .help("check nodePortAddresses against the node's addresses"),
        );
    }
}
