//! Answers that do not come back: an endpoint on another node that sees the sender's own address answers
//! it directly, and the sender knows nobody there.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::{Arrival, Explanation, Source, Verdict, Vicinity};
use crate::ir::{LocalTraffic, Program};
use crate::model::IpFamily;

/// The endpoints that get the packet and whose answer does not come back by this node, which alone knows
/// whom the sender asked. Where it cannot be told whether the sender is a pod of the node, none.
pub fn lost_answers(
    explanation: &Explanation,
    program: &Program,
    vicinity: &Vicinity,
) -> BTreeSet<SocketAddr> {
    if !is_outside(explanation, program) {
        return BTreeSet::new();
    }
    let is_here = |socket: SocketAddr| {
        let ports = program.service_ports.iter();
        let mut endpoints = ports.flat_map(|port| &port.endpoints);
        vicinity.is_local(socket.ip())
            || endpoints.any(|one| one.socket() == socket && one.is_local())
    };
    let branches = explanation.branches.iter();
    branches
        .filter_map(|branch| match branch.verdict {
            Verdict::Reaches(endpoint, Source::Kept) => Some(endpoint),
            _ => None,
        })
        .filter(|endpoint| !is_here(*endpoint))
        .collect()
}

/// Whether the sender is known to be none of the node's own, and no pod.
fn is_outside(explanation: &Explanation, program: &Program) -> bool {
    let Arrival::Interface { from, interface } = &explanation.flow.arrival else {
        return false;
    };
    let local = program.masquerading.local_traffic(IpFamily::of(*from));
    let through = |is_own: &dyn Fn(&str) -> bool| {
        let name = interface.as_ref();
        name.is_some_and(|name| !is_own(name.as_str()))
    };
    match local {
        LocalTraffic::Unknown => false,
        LocalTraffic::Source(net) => !net.contains(from),
        LocalTraffic::Interface(own) => through(&|name| name == own.as_str()),
        LocalTraffic::InterfacePrefix(own) => through(&|name| name.starts_with(own.as_str())),
    }
}
