//! PTL019, PTL021 and PTL022: which node ports are used, and where they are served.

use super::super::subject::Subject;
use super::root;
use crate::diag::{Code, Finding, Findings, Place, Severity};
use crate::model::config::NodePortAddresses;
use crate::model::service::{ServiceType, Sourced};
use crate::model::{Mode, Port};
use crate::source::FieldPath;

/// Ports that Kubernetes itself and ssh listen on.
const HOST_PORTS: [(u16, &str); 11] = [
    (22, "ssh"),
    (2379, "etcd"),
    (2380, "etcd"),
    (6443, "the API server"),
    (10248, "kubelet"),
    (10249, "kube-proxy"),
    (10250, "kubelet"),
    (10255, "kubelet"),
    (10256, "kube-proxy"),
    (10257, "the controller manager"),
    (10259, "the scheduler"),
];

pub(super) fn ranges(subject: &Subject<'_>, findings: &mut Findings) {
    for service in &subject.cluster.services {
        let node_ports = service.ports.iter().filter_map(|port| port.node_port);
        for Sourced { value, origin } in node_ports.chain(service.health_check_node_port) {
            let Some(why) = taken(subject, value) else {
                continue;
            };
            findings.push(
                Finding::warning(
                    Code::NodePortRange,
                    origin,
                    format!("node port {value} {why}"),
                )
                .help("let the cluster allocate one, or correct LintConfig"),
            );
        }
    }
}

/// Who else may have a port.
fn taken(subject: &Subject<'_>, port: Port) -> Option<String> {
    let settings = subject.settings;
    let number = port.get();
    if let Some((_, who)) = HOST_PORTS.iter().find(|(known, _)| *known == number) {
        return Some(format!("is a port that {who} listens on"));
    }
    if settings.host_ports.contains(&number) {
        return Some("is a port that something else listens on".to_owned());
    }
    if settings.local_ports.contains(&number) {
        let (first, last) = (settings.local_ports.start(), settings.local_ports.end());
        return Some(format!(
            "is among the ports of the nodes' own connections, {first}-{last}"
        ));
    }
    let (first, last) = (settings.node_ports.start(), settings.node_ports.end());
    (!settings.node_ports.contains(&number))
        .then(|| format!("is outside the range of node ports, {first}-{last}"))
}

pub(super) fn scope(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(located) = subject.configuration() else {
        return;
    };
    let object = located.object;
    let config = &subject.cluster.config;
    if config.mode == Mode::Iptables {
        let settings = located.value.iptables.as_ref();
        let severity = match settings.and_then(|settings| settings.localhost_node_ports) {
            Some(true) => Some(Severity::Error),
            // kube-proxy's default, which nobody chose.
            None => Some(Severity::Warning),
            Some(false) => None,
        };
        let path = FieldPath::root().key("iptables").key("localhostNodePorts");
        if let Some(severity) = severity {
            findings.push(Finding {
            severity,
            ..Finding::error(
                Code::LocalhostNodePorts,
                Place::Field(object, path),
                "localhostNodePorts is on: neighbours on the network can reach what listens on 127.0.0.1",
            )
            .help("set iptables.localhostNodePorts to false")
            });
        }
    }
    if config.node_port_addresses.iter().any(is_loopback) {
        findings.push(
            Finding::error(
                Code::LocalhostNodePorts,
                root(object, "nodePortAddresses"),
                "nodePortAddresses asks for node ports on loopback addresses",
            )
            .help("use the range of the nodes' own addresses"),
        );
    }
    let mut services = subject.cluster.services.iter();
    let used = services.any(|service| {
        service.service_type != ServiceType::ExternalName
            && service.ports.iter().any(|port| port.node_port.is_some())
    });
    // Mode nftables serves them at the node's primary address only.
    if config.node_port_addresses.is_empty() && used && config.mode != Mode::Nftables {
        findings.push(
            Finding::warning(
                Code::NodePortScope,
                root(object, "nodePortAddresses"),
                "node ports are served on every address of a node: nodePortAddresses is not set",
            )
            .help(
                "set it to the range of the nodes' own addresses, or, from 1.31 on, to [primary]",
            ),
        );
    }
}

fn is_loopback(entry: &NodePortAddresses) -> bool {
    match entry {
        NodePortAddresses::Localhost => true,
        NodePortAddresses::Range(range) => {
            range.network().is_loopback() && range.broadcast().is_loopback()
        }
        NodePortAddresses::Primary | NodePortAddresses::All => false,
    }
}
