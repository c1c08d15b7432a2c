//! What a reader of the manifests would not expect of mode iptables, though kube-proxy does just
//! that.

use super::lower::{Scope, scope};
use crate::diag::Findings;
use crate::ir::Program;
use crate::mode::review::{first_node_port, local_policy, unserved};
use crate::model::config::LocalhostNodePorts;
use crate::model::{IpFamily, Mode};

/// Reports where mode iptables does what its user may not mean.
pub fn review(program: &Program, localhost: LocalhostNodePorts, findings: &mut Findings) {
    for family in IpFamily::ALL {
        node_ports(program, localhost, family, findings);
    }
    for port in &program.service_ports {
        local_policy(Mode::Iptables, port, findings);
    }
}

fn node_ports(
    program: &Program,
    localhost: LocalhostNodePorts,
    family: IpFamily,
    findings: &mut Findings,
) {
    let Some(node_port) = first_node_port(program, family) else {
        return;
    };
    if scope(&program.node, localhost, family) == Scope::Addresses(Vec::new()) {
        findings.push(unserved(
            family,
            node_port,
            "nothing leads to them",
            "check nodePortAddresses against the node's addresses",
        ));
    }
}
