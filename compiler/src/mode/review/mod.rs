//! What kube-proxy does though its users may not mean it, by mode.

mod local_policy;
mod node_ports;

pub(super) use local_policy::local_policy;
pub(super) use node_ports::{first_node_port, unserved};

use crate::diag::{Code, Finding, Findings};
use crate::ir::Program;
use crate::mode;
use crate::model::{Cluster, Mode};

/// Reports where a program, in the configured mode, does what its user may not mean.
pub fn review(program: &Program, cluster: &Cluster, findings: &mut Findings) {
    let config = &cluster.config;
    match config.mode {
        Mode::Ipvs => mode::ipvs::review(program, findings),
        Mode::Iptables => mode::iptables::review(program, config.localhost_node_ports, findings),
        Mode::Nftables => {
            let facts = cluster.facts(&program.node.name);
            let options = mode::nftables::Options::new(&cluster.service_ranges, facts);
            mode::nftables::review(program, &options, facts, findings);
        }
    }
    for port in &program.service_ports {
        if let Some(check) = &port.health_check_node_port {
            findings.push(
                Finding::warning(
                    Code::HealthCheckUnanswered,
                    check.origin,
                    format!(
                        "nothing here answers health checks at node port {}: kube-proxy does so itself",
                        check.value
                    ),
                )
                .help("answer them by other means, or load balancers take the node for dead"),
            );
        }
    }
}
