//! What a reader of the manifests would not expect of mode nftables, though kube-proxy does just
//! that.

use super::Options;
use super::lower::{Scope, scope};
use crate::back::traffic::{Served, served};
use crate::diag::{Code, Finding, Findings};
use crate::ir::{Affinity, Frontend, FrontendKind, NodePortScope, Program, ServicePort};
use crate::model::IpFamily;
use crate::model::service::TrafficPolicy;

/// Reports where mode nftables does what its user may not mean.
pub fn review(program: &Program, options: &Options, findings: &mut Findings) {
    for family in IpFamily::ALL {
        node_ports(program, family, findings);
    }
    for port in &program.service_ports {
        affinity(port, options, findings);
        for frontend in &port.frontends {
            local_policy(port, frontend, findings);
        }
    }
}

fn affinity(port: &ServicePort, options: &Options, findings: &mut Findings) {
    if port.affinity == Affinity::None || options.keeps_clients(port.key.family) {
        return;
    }
    findings.push(
        Finding::warning(
            Code::AffinityUnkept,
            port.origin,
            format!(
                "{} has sessionAffinity ClientIP, which the node's nft cannot load for {}: its clients get any endpoint",
                port.key, port.key.family
            ),
        )
        .help("it takes nft 1.1.1 or later; with an older one, use mode ipvs or iptables"),
    );
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
                "{} has internalTrafficPolicy Local and no usable {} endpoint on the node: mode nftables drops connections",
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
                "{} has externalTrafficPolicy Local and no endpoint on the node: mode nftables drops what comes from outside, and sends the node itself and its pods to other nodes' endpoints",
                port.key
            ),
            "keep traffic from nodes without an endpoint",
        ),
        // Reported already: there is no endpoint at all.
        (_, _) => return,
    };
    findings.push(Finding::warning(code, port.origin, message).help(help));
}

fn node_ports(program: &Program, family: IpFamily, findings: &mut Findings) {
    let ports = program.service_ports.iter();
    let mut used = ports
        .filter(|port| port.key.family == family)
        .flat_map(|port| &port.frontends)
        .filter(|frontend| frontend.kind == FrontendKind::NodePort);
    let Some(frontend) = used.next() else {
        return;
    };
    let Scope::Addresses(addresses) = scope(program, family) else {
        return;
    };
    if !addresses.is_empty() {
        return;
    }
    let help = match program.node.node_port_scope(family) {
        NodePortScope::Ranges(_) => "check nodePortAddresses against the node's addresses",
        NodePortScope::Default | NodePortScope::All => {
            "mode nftables serves node ports at the node's primary address only: check that the Node has an address of the family that is also in its NodeFacts, or set nodePortAddresses"
        }
    };
    findings.push(
        Finding::warning(
            Code::NodePortUnserved,
            frontend.origin,
            format!("no {family} address of the node serves node ports: nothing leads to them"),
        )
        .help(help),
    );
}
