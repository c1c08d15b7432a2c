//! What a reader of the manifests would not expect of mode nftables, though kube-proxy does just
//! that.

use std::collections::BTreeSet;

use super::lower::{Scope, scope};
use super::{Options, requirements};
use crate::diag::{Code, Finding, Findings};
use crate::ir::{Affinity, FrontendKind, NodePortScope, Program, ServicePort};
use crate::mode::review::{first_node_port, local_policy, unserved};
use crate::model::{Facts, IpFamily, Mode};

/// Reports where mode nftables does what its user may not mean, or cannot do it on a node of these facts.
pub fn review(
    program: &Program,
    options: &Options,
    facts: Option<&Facts>,
    findings: &mut Findings,
) {
    if let Some(facts) = facts {
        requirements::check(facts, findings);
    }
    for family in IpFamily::ALL {
        node_ports(program, family, findings);
        service_ranges(program, options, family, findings);
    }
    for port in &program.service_ports {
        affinity(port, options, findings);
        local_policy(Mode::Nftables, port, findings);
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

fn service_ranges(program: &Program, options: &Options, family: IpFamily, findings: &mut Findings) {
    let mut ranges = options.service_ranges.iter();
    if ranges.any(|range| IpFamily::of(range.addr()) == family) {
        return;
    }
    let mut frontends = program
        .service_ports
        .iter()
        .filter(|port| port.key.family == family)
        .flat_map(|port| &port.frontends);
    let Some(cluster_ip) =
        frontends.find(|frontend| matches!(frontend.kind, FrontendKind::ClusterIp(_)))
    else {
        return;
    };
    findings.push(
        Finding::info(
            Code::ServiceRangesUnknown,
            cluster_ip.origin,
            format!("the input has no {family} range of a ServiceCIDR: packets to cluster IPs that no Service has are left alone, and kube-proxy drops them"),
        )
        .help("add what `kubectl get servicecidrs -o yaml` prints to the input"),
    );
}

fn node_ports(program: &Program, family: IpFamily, findings: &mut Findings) {
    let Some(node_port) = first_node_port(program, family) else {
        return;
    };
    if scope(&program.node, family) != Scope::Addresses(BTreeSet::new()) {
        return;
    }
    let help = match program.node.node_port_scope(family) {
        NodePortScope::Ranges(_) => "check nodePortAddresses against the node's addresses",
        NodePortScope::Default | NodePortScope::All => {
            "mode nftables serves node ports at the node's primary address only: check that the Node has an address of the family that is also in its NodeFacts, or set nodePortAddresses"
        }
    };
    findings.push(unserved(family, node_port, "nothing leads to them", help));
}
