//! What kube-proxy does though its users may not mean it, by mode.

use super::{iptables_mode, ipvs, nftables};
use crate::diag::{Code, Finding, Findings};
use crate::ir::Program;
use crate::model::Mode;
use crate::model::config::Config;

/// Reports where a program, in the configured mode, does what its user may not mean.
pub fn review(program: &Program, config: &Config, findings: &mut Findings) {
    match config.mode {
        Mode::Ipvs => ipvs::review(program, findings),
        Mode::Iptables => iptables_mode::review(program, config.localhost_node_ports, findings),
        Mode::Nftables => nftables::review(program, &nftables::Options::default(), findings),
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
