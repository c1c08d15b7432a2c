//! PTL015, the part that compile has nothing to say about: a health check node port that is missing.

use super::super::subject::Subject;
use super::spec;
use crate::diag::{Code, Finding, Findings};
use crate::model::service::ServiceType;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
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
