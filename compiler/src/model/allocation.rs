//! What the cluster allocates and the input does not have: cluster IPs, node ports, ports for health
//! checks. kube-proxy programs nothing for what is not there yet.

use super::service::{NodePorts, Service, ServiceType, Skipped};
use crate::diag::{Code, Finding, Findings, Place};
use crate::source::FieldPath;

/// Tells of all that is not allocated.
pub(super) fn report(services: &[Service], has_base: bool, findings: &mut Findings) {
    let help = if has_base {
        "apply it to the cluster, then dump the base again"
    } else {
        "pass a dump of the running cluster with --base: it supplies what the cluster allocated"
    };
    for service in services {
        if service.skipped.is_none() {
            report_ports(service, help, findings);
        }
        if service.skipped != Some(Skipped::NotAllocated) {
            continue;
        }
        findings.push(
            Finding::warning(
                Code::NotAllocated,
                Place::Field(service.object, FieldPath::root().key("spec")),
                "not allocated yet: the Service has no cluster IP, and nothing is programmed for it",
            )
            .help(help),
        );
    }
    let programmed = services.iter().any(|service| service.skipped.is_none());
    let waiting = services
        .iter()
        .any(|s| s.skipped == Some(Skipped::NotAllocated));
    if !programmed {
        let (message, help) = if waiting && has_base {
            (
                "nothing to compile: no Service of the input has a cluster IP, nor has the base one for it",
                "check that the base is a dump of the right cluster",
            )
        } else if waiting {
            (
                "nothing to compile: no Service of the input has a cluster IP",
                "manifests from Git carry none: pass a dump of the running cluster with --base",
            )
        } else {
            (
                "nothing to compile: the input has no Service that kube-proxy would program",
                "pass the output of: kubectl get services,endpointslices,nodes -A -o yaml",
            )
        };
        findings.push(Finding::warning(Code::NothingToCompile, Place::Nowhere, message).help(help));
    }
}

/// Tells of ports that a Service which is programmed waits for.
fn report_ports(service: &Service, help: &str, findings: &mut Findings) {
    let waits = service.ports.iter().any(|port| port.node_port.is_none());
    if service.node_ports == NodePorts::Wanted && waits {
        let ports = FieldPath::root().key("spec").key("ports");
        findings.push(
            Finding::warning(
                Code::NodePortNotAllocated,
                Place::Field(service.object, ports),
                "not allocated yet: a node port is missing, and nothing is programmed for it at the nodes' own addresses",
            )
            .help(help),
        );
    }
    let asks = service.service_type == ServiceType::LoadBalancer && service.external_policy_local();
    if asks && service.health_check_node_port.is_none() {
        let policy = FieldPath::root().key("spec").key("externalTrafficPolicy");
        findings.push(
            Finding::warning(
                Code::HealthCheckPort,
                Place::Field(service.object, policy),
                "not allocated yet: no healthCheckNodePort, and the load balancer cannot tell which nodes have endpoints",
            )
            .help(help),
        );
    }
}
