//! Node ports that no address of the node serves. Which addresses do is each mode's own.

use crate::diag::{Code, Finding};
use crate::ir::{Frontend, FrontendKind, Program};
use crate::model::IpFamily;

/// The first node port of a family; `None` where no Service has any.
pub(in crate::mode) fn first_node_port(program: &Program, family: IpFamily) -> Option<&Frontend> {
    let ports = program.service_ports.iter();
    ports
        .filter(|port| port.key.family == family)
        .flat_map(|port| &port.frontends)
        .find(|frontend| frontend.kind == FrontendKind::NodePort)
}

/// That no address serves node ports, what comes of it, and what to do about it.
pub(in crate::mode) fn unserved(
    family: IpFamily,
    node_port: &Frontend,
    outcome: &str,
    help: &str,
) -> Finding {
    let message = format!("no {family} address of the node serves node ports: {outcome}");
    Finding::warning(Code::NodePortUnserved, node_port.origin, message).help(help)
}
