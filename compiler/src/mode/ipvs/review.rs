//! What a reader of the manifests would not expect of mode ipvs, though kube-proxy does just that.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::sets::KubeSet;
use crate::diag::{Code, Finding, Findings, Place};
use crate::ir::{Frontend, FrontendKind, NodePortScope, Program, ServicePort};
use crate::kernel::ipset::SetHeader;
use crate::mode::review::{first_node_port, unserved};
use crate::model::service::TrafficPolicy;
use crate::model::{IpFamily, Port, Protocol};

/// Reports where mode ipvs does what its user may not mean.
pub fn review(program: &Program, findings: &mut Findings) {
    for family in IpFamily::ALL {
        let ports = || {
            program
                .service_ports
                .iter()
                .filter(move |port| port.key.family == family)
        };
        node_ports(program, family, findings);
        capacity(family, KubeSet::ClusterIp, ports().count(), findings);
        review_local_endpoints(family, loop_back(ports()), findings);
    }
    for port in &program.service_ports {
        for frontend in &port.frontends {
            local_policy(port, frontend, findings);
        }
    }
}

fn local_policy(port: &ServicePort, frontend: &Frontend, findings: &mut Findings) {
    if frontend.policy != TrafficPolicy::Local || !port.pools.local.is_empty() {
        return;
    }
    let fallback = !port.pools.cluster.is_empty();
    let (code, message, help) = match (&frontend.kind, fallback) {
        (FrontendKind::ClusterIp(_), true) => (
            Code::InternalPolicyLeak,
            format!(
                "{} has internalTrafficPolicy Local and no endpoint on the node: because it is reachable from outside too, mode ipvs sends to other nodes' endpoints",
                port.key
            ),
            "run an endpoint on every node; modes iptables and nftables drop instead",
        ),
        // Reachable from outside too: that it has no endpoint at all is reported already.
        (FrontendKind::ClusterIp(_), false) if port.frontends.len() > 1 => return,
        (FrontendKind::ClusterIp(_), false) => (
            Code::InternalPolicyDrops,
            format!(
                "{} has internalTrafficPolicy Local and no usable {} endpoint on the node: connections are refused",
                port.key, port.key.family
            ),
            "run an endpoint on every node that needs it",
        ),
        (_, true) => (
            Code::LocalFallback,
            format!(
                "{} has externalTrafficPolicy Local and no endpoint on the node: mode ipvs falls back to other nodes' endpoints without masquerading, and outside clients get no answer",
                port.key
            ),
            "keep traffic from nodes without an endpoint; modes iptables and nftables drop it",
        ),
        // Reported already: there is no endpoint at all.
        (_, false) => return,
    };
    findings.push(Finding::warning(code, port.origin, message).help(help));
}

fn node_ports(program: &Program, family: IpFamily, findings: &mut Findings) {
    let Some(node_port) = first_node_port(program, family) else {
        return;
    };
    let frontends = program
        .service_ports
        .iter()
        .filter(|port| port.key.family == family)
        .flat_map(|port| port.frontends.iter().map(move |frontend| (port, frontend)));
    let own: Vec<IpAddr> = super::lower::node_addresses(program, family);
    let bound = super::lower::bound_addresses(program, family, &own);
    let serving = super::lower::serving_node_ports(program, family, &own, &bound);
    clashes_where_bound(frontends, &bound, &serving, findings);
    if serving.is_empty() {
        let help = match program.node.node_port_scope(family) {
            NodePortScope::Ranges(_) => "check nodePortAddresses against the node's addresses",
            NodePortScope::Default | NodePortScope::All => {
                "add the node's addresses of this family to its NodeFacts"
            }
        };
        findings.push(unserved(family, node_port, "none is programmed", help));
    }
}

/// Node ports that a configured range brings to an address of kube-ipvs0, where another Service has
/// the same port. Clashes on other addresses are not this mode's alone: [`crate::valid`] finds them.
fn clashes_where_bound<'a>(
    frontends: impl Iterator<Item = (&'a ServicePort, &'a Frontend)> + Clone,
    bound: &BTreeSet<IpAddr>,
    serving: &[IpAddr],
    findings: &mut Findings,
) {
    let node_ports: BTreeMap<(Protocol, Port), (&ServicePort, &Frontend)> = frontends
        .clone()
        .filter(|(_, frontend)| frontend.kind == FrontendKind::NodePort)
        .map(|(port, frontend)| ((port.key.protocol, frontend.port), (port, frontend)))
        .collect();
    for (port, frontend) in frontends {
        let Some(address) = frontend.kind.address() else {
            continue;
        };
        let key = (port.key.protocol, frontend.port);
        let Some((other, node_port)) = node_ports.get(&key) else {
            continue;
        };
        let served = bound.contains(&address) && serving.binary_search(&address).is_ok();
        if served && other.key != port.key {
            findings.push(
                Finding::error(
                    Code::NodePortClash,
                    node_port.origin,
                    format!(
                        "node port {}/{} of {} is also a port of {} at {address}, which nodePortAddresses takes in",
                        frontend.port, port.key.protocol, other.key, port.key
                    ),
                )
                .help("use another node port, or leave the Services' range out of nodePortAddresses")
                .also(frontend.origin, "the other claim"),
            );
        }
    }
}

/// Endpoints on the node, each once: several Services may have the same.
fn loop_back<'a>(ports: impl Iterator<Item = &'a ServicePort>) -> usize {
    let mut entries: Vec<_> = ports
        .flat_map(|port| {
            let here = port.endpoints.iter().filter(|endpoint| endpoint.is_local());
            here.map(|endpoint| (endpoint.socket(), port.key.protocol))
        })
        .collect();
    entries.sort_unstable();
    entries.dedup();
    entries.len()
}

/// Reports a node with more endpoints of its own than the set of them takes.
pub fn review_local_endpoints(family: IpFamily, entries: usize, findings: &mut Findings) {
    capacity(family, KubeSet::LoopBack, entries, findings);
}

fn capacity(family: IpFamily, set: KubeSet, entries: usize, findings: &mut Findings) {
    let SetHeader::Hash { maxelem, .. } = SetHeader::kube_proxy(set.set_type(), family) else {
        return;
    };
    if entries > maxelem as usize {
        findings.push(
            Finding::warning(
                Code::Capacity,
                Place::Nowhere,
                format!(
                    "set {} would have {entries} entries and takes {maxelem}: the kernel refuses the rest",
                    set.name(family)
                ),
            )
            .help("split the cluster; kube-proxy only logs this"),
        );
    }
}
