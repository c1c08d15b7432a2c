//! What compile has nothing to say about health checks: a node port that is missing (PTL015), and
//! source ranges that keep them out (PTL014).

use super::super::subject::Subject;
use super::spec;
use crate::diag::{Code, Finding, Findings};
use crate::model::IpFamily;
use crate::model::service::ServiceType;

pub(super) fn node_ports(subject: &Subject<'_>, findings: &mut Findings) {
    for service in &subject.cluster.services {
        let asks = service.service_type == ServiceType::LoadBalancer
            && service.external_policy_local()
            && service.skipped.is_none();
        if asks && service.health_check_node_port.is_none() {
            findings.push(
                Finding::warning(
                    Code::HealthCheckPort,
                    spec(service.object, "externalTrafficPolicy"),
                    "no healthCheckNodePort: the load balancer cannot tell which nodes have endpoints",
                )
                .help("let the cluster allocate one, or pass a dump of the cluster with --base"),
            );
        }
    }
}

/// Ranges of a family filter its addresses alone, and without any, everyone may connect.
pub(super) fn source_ranges(subject: &Subject<'_>, findings: &mut Findings) {
    for service in &subject.cluster.services {
        for checks in &subject.settings.health_check_ranges {
            let family = IpFamily::of_net(*checks);
            let mut addresses = service.load_balancer_ips.iter();
            let filtered = addresses.any(|ip| IpFamily::of(ip.value) == family);
            let mut ranges = service
                .source_ranges
                .iter()
                .filter(|range| IpFamily::of_net(range.value) == family)
                .peekable();
            let Some(first) = ranges.peek().copied() else {
                continue;
            };
            if filtered && !ranges.any(|range| range.value.contains(checks)) {
                findings.push(
                    Finding::warning(
                        Code::SourceRangeHealthCheck,
                        first.origin,
                        format!("the source ranges do not take in health checks from {checks}: the load balancer takes the nodes for dead"),
                    )
                    .help(format!("add {checks}, or correct healthCheckRanges of LintConfig")),
                );
            }
        }
    }
}
