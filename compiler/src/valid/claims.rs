//! Every address, port and protocol belongs to one service port, and so does every node port.
//! kube-proxy leaves it to chance who gets what two claim (kubernetes/kubernetes#69599).

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::diag::{Code, Finding, Findings};
use crate::ir::{NodePortScope, Program, ServicePort};
use crate::model::{ByAddress, IpFamily, Port, Protocol, TransportAddress};
use crate::source::Origin;

/// Who claims something, and where that is written.
#[derive(Debug, Clone, Copy)]
struct Claim<'a> {
    by: &'a ServicePort,
    origin: Origin,
}

pub(super) fn check(program: &Program, findings: &mut Findings) {
    let mut addresses: BTreeMap<ByAddress, Claim<'_>> = BTreeMap::new();
    let mut node_ports: BTreeMap<(IpFamily, Protocol, Port), Claim<'_>> = BTreeMap::new();
    let mut health_checks: BTreeMap<Port, Claim<'_>> = BTreeMap::new();
    for by in &program.service_ports {
        let protocol = by.key.protocol;
        if let Some(check) = &by.health_check_node_port {
            let claim = Claim {
                by,
                origin: check.origin,
            };
            let first = *health_checks.entry(check.value).or_insert(claim);
            if first.by.key.service != by.key.service {
                findings.push(answered_twice(first, claim, check.value));
            }
        }
        for frontend in &by.frontends {
            let claim = Claim {
                by,
                origin: frontend.origin,
            };
            if let Some(address) = frontend.kind.address() {
                let key = TransportAddress {
                    address,
                    protocol,
                    port: frontend.port,
                };
                let first = *addresses.entry(ByAddress(key)).or_insert(claim);
                if first.by.key != by.key {
                    findings.push(claimed(first, claim, &key.to_string()));
                }
            } else {
                let key = (by.key.family, protocol, frontend.port);
                let first = *node_ports.entry(key).or_insert(claim);
                if first.by.key != by.key {
                    findings.push(clash(first, claim, frontend.port, protocol));
                }
            }
        }
    }
    for ((_, protocol, port), claim) in &node_ports {
        if *protocol == Protocol::Tcp
            && let Some(check) = health_checks.get(port)
        {
            findings.push(
                Finding::error(
                    Code::HealthCheckPortClash,
                    check.origin,
                    format!(
                        "health check node port {port} of {} is also a node port of {}",
                        check.by.key.service, claim.by.key
                    ),
                )
                .help("use another node port for one of them")
                .also(claim.origin, "also has it"),
            );
        }
    }
    for (ByAddress(key), claim) in &addresses {
        let TransportAddress {
            address,
            protocol,
            port,
        } = *key;
        let Some(other) = node_ports.get(&(IpFamily::of(address), protocol, port)) else {
            continue;
        };
        if other.by.key != claim.by.key && serves_node_ports(program, address) {
            findings.push(
                Finding::error(
                    Code::NodePortClash,
                    other.origin,
                    format!(
                        "node port {port}/{protocol} of {} is also port {port} of {} at the node's address {address}",
                        other.by.key, claim.by.key
                    ),
                )
                .help("use another node port, or another address")
                .also(claim.origin, "the other claim"),
            );
        }
    }
}

fn serves_node_ports(program: &Program, address: IpAddr) -> bool {
    let node = &program.node;
    node.addresses.binary_search(&address).is_ok()
        && match node.node_port_scope(IpFamily::of(address)) {
            NodePortScope::Default | NodePortScope::All => true,
            NodePortScope::Ranges(ranges) => ranges.contains(address),
        }
}

fn claimed(first: Claim<'_>, second: Claim<'_>, what: &str) -> Finding {
    Finding::error(
        Code::AddressClaimed,
        second.origin,
        format!(
            "{what} is claimed by {} and by {}",
            first.by.key, second.by.key
        ),
    )
    .help("give one of them another address or port")
    .also(first.origin, "the other claim")
}

fn answered_twice(first: Claim<'_>, second: Claim<'_>, port: Port) -> Finding {
    Finding::error(
        Code::HealthCheckPortClash,
        second.origin,
        format!(
            "health check node port {port} is used by {} and by {}",
            first.by.key.service, second.by.key.service
        ),
    )
    .help("use another node port for one of them")
    .also(first.origin, "also has it")
}

fn clash(first: Claim<'_>, second: Claim<'_>, port: Port, protocol: Protocol) -> Finding {
    Finding::error(
        Code::NodePortClash,
        second.origin,
        format!(
            "node port {port}/{protocol} is used by {} and by {}",
            first.by.key, second.by.key
        ),
    )
    .help("use another node port for one of them")
    .also(first.origin, "also has it")
}
