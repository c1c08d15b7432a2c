//! What modes do in ways of their own where Services ask for the same, beyond what their clients meet at
//! frontends, which [`super::treatment`] tells: declared once. `docs/modes.md` has the reasons.

use std::collections::{BTreeMap, BTreeSet};

use super::view::owner;
use super::{Listener, NodeView, Owner};
use crate::ir::{Affinity, FrontendKind, NodePortScope, Program, ServicePort};
use crate::kernel::ipvs::Persistence;
use crate::mode::ListenerKind;
use crate::mode::services::ServiceList;
use crate::model::Mode;

closed_set! {
    /// Something that modes do in ways of their own, with what it is about.
    pub enum ModeDifference {
        /// What becomes of a port that a cluster IP does not offer, and of ping.
        Unoffered = "other ports of a cluster IP, and ping",
        /// What becomes of a port that another address of a Service does not offer, and of ping.
        UnofferedOutside = "other ports of external addresses, and ping",
        /// Which of the node's own firewall's chains packets to endpoints pass.
        Firewall = "the node's own firewall",
        /// Which of the node's addresses serve node ports where none are configured.
        NodeAddresses = "the node port's addresses",
        /// Whether a client has one endpoint at all addresses of a port, or one at each.
        AffinityScope = "a client's endpoint",
        /// Whether the node lets health checks in past its own firewall.
        HealthChecks = "health checks",
    }
}

impl ModeDifference {
    /// What a mode does.
    pub fn of(self, mode: Mode) -> &'static str {
        match (self, mode) {
            (Self::Unoffered, Mode::Ipvs | Mode::Nftables) => "both are refused",
            (Self::Unoffered, Mode::Iptables) => "both are routed on",
            (Self::UnofferedOutside, Mode::Ipvs) => "both are refused",
            (Self::UnofferedOutside, Mode::Iptables | Mode::Nftables) => "both are routed on",
            (Self::Firewall, Mode::Ipvs) => "packets pass INPUT",
            (Self::Firewall, Mode::Iptables) => {
                "packets pass FORWARD, which accepts masqueraded ones"
            }
            (Self::Firewall, Mode::Nftables) => "packets pass FORWARD, which may drop them",
            (Self::NodeAddresses, Mode::Ipvs | Mode::Iptables) => "all of the node",
            (Self::NodeAddresses, Mode::Nftables) => "the node's primary ones",
            (Self::AffinityScope, Mode::Iptables | Mode::Nftables) => {
                "one at all addresses of the port"
            }
            (Self::AffinityScope, Mode::Ipvs) => "one at each address",
            (Self::HealthChecks, Mode::Ipvs | Mode::Iptables) => "are let in",
            (Self::HealthChecks, Mode::Nftables) => "are left to the node's own firewall",
        }
    }

    /// Whether a change between two modes may take something away from somebody.
    pub fn takes_away(self, from: Mode, to: Mode) -> bool {
        // Each mode passes a chain that drops something where another does not.
        if self == Self::Firewall {
            return from != to;
        }
        let serves = |mode| match self {
            Self::NodeAddresses | Self::HealthChecks => mode != Mode::Nftables,
            _ => false,
        };
        serves(from) && !serves(to)
    }
}

/// Differences by whose users they concern; `None` for everybody's.
pub type ModeDifferences = BTreeMap<Option<Owner>, BTreeSet<ModeDifference>>;

/// The differences that matter to what a node serves.
pub(super) fn mode_differences(program: &Program) -> ModeDifferences {
    let mut mode_differences = ModeDifferences::new();
    if !program.service_ports.is_empty() {
        let all = mode_differences.entry(None).or_default();
        all.extend([ModeDifference::Unoffered, ModeDifference::Firewall]);
        let mut frontends = program
            .service_ports
            .iter()
            .flat_map(|port| &port.frontends);
        if frontends.any(|frontend| is_external(&frontend.kind)) {
            all.insert(ModeDifference::UnofferedOutside);
        }
    }
    for port in &program.service_ports {
        let own = of_port(program, port);
        if !own.is_empty() {
            mode_differences
                .entry(Some(owner(port)))
                .or_default()
                .extend(own);
        }
    }
    mode_differences
}

/// The differences that matter to what a compiled state serves. Which of the node's addresses serve node
/// ports, and what was configured for that, is not in it.
pub(super) fn mode_differences_of_list(view: &NodeView, list: &ServiceList) -> ModeDifferences {
    let mut mode_differences = ModeDifferences::new();
    if list.is_empty() {
        return mode_differences;
    }
    let all = mode_differences.entry(None).or_default();
    all.extend([ModeDifference::Unoffered, ModeDifference::Firewall]);
    let mut kinds = list.frontends.keys().map(|(_, kind)| *kind);
    if kinds.any(|kind| matches!(kind, ListenerKind::ExternalIp | ListenerKind::LoadBalancer)) {
        all.insert(ModeDifference::UnofferedOutside);
    }
    let mut sticky: BTreeMap<&Owner, usize> = BTreeMap::new();
    for (listener, owner) in &view.owners {
        let frontend = view.frontends.get(listener);
        if frontend.is_some_and(|one| one.affinity != Persistence::None) {
            *sticky.entry(owner).or_default() += 1;
        }
        if let Listener::HealthCheck(_) = listener {
            let own = mode_differences.entry(Some(owner.clone())).or_default();
            own.insert(ModeDifference::HealthChecks);
        }
    }
    for (owner, _) in sticky.into_iter().filter(|(_, number)| *number > 1) {
        let own = mode_differences.entry(Some(owner.clone())).or_default();
        own.insert(ModeDifference::AffinityScope);
    }
    mode_differences
}

fn of_port(program: &Program, port: &ServicePort) -> Vec<ModeDifference> {
    let mut mode_differences = Vec::new();
    let family = port.key.family;
    let scope = program.node.node_port_scope(family);
    let has = |is: &dyn Fn(&FrontendKind) -> bool| port.frontends.iter().any(|f| is(&f.kind));
    let node_port = has(&|kind| *kind == FrontendKind::NodePort);
    if node_port && *scope == NodePortScope::Default {
        mode_differences.push(ModeDifference::NodeAddresses);
    }
    if port.affinity != Affinity::None && port.frontends.len() > 1 {
        mode_differences.push(ModeDifference::AffinityScope);
    }
    if port.health_check_node_port.is_some() {
        mode_differences.push(ModeDifference::HealthChecks);
    }
    mode_differences
}

fn is_external(kind: &FrontendKind) -> bool {
    matches!(
        kind,
        FrontendKind::ExternalIp(_) | FrontendKind::LoadBalancer(..)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_tells_some_modes_apart() {
        for mode_difference in ModeDifference::ALL {
            let ways: BTreeSet<&str> = Mode::ALL
                .into_iter()
                .map(|mode| mode_difference.of(mode))
                .collect();
            assert!(ways.len() > 1, "{mode_difference:?}");
        }
    }
}
