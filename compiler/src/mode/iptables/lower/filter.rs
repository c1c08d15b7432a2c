//! What is refused or dropped, and health checks let in.

use super::port::{FilterRules, Lowering};
use crate::ir::{Frontend, FrontendKind, SourceFilter};
use crate::kernel::iptables::build::{comment, rule_of};
use crate::kernel::iptables::{AddrType, Match, Negation, RejectWith, Target};
use crate::mode::kube_chain::HashedChain;
use crate::mode::traffic::{Served, served};
use crate::model::{IpFamily, Protocol};

pub(super) fn rules(lowering: &Lowering<'_>) -> FilterRules {
    let port = lowering.port;
    let mut rules = FilterRules::default();
    for frontend in &port.frontends {
        if let Some((target, text)) = without_endpoints(lowering, frontend) {
            let (list, matches) = match frontend.kind {
                FrontendKind::ClusterIp(_) => {
                    (&mut rules.services, lowering.sent_to(frontend, &text, []))
                }
                FrontendKind::NodePort => {
                    let local = Match::DestinationType(Negation::Is, AddrType::Local);
                    let matches = lowering.sent_to(frontend, &text, [local]);
                    (&mut rules.external, matches)
                }
                FrontendKind::ExternalIp(_) | FrontendKind::LoadBalancer(..) => {
                    (&mut rules.external, lowering.sent_to(frontend, &text, []))
                }
            };
            list.push(rule_of(frontend.origin, matches, target));
        }
        let guarded = matches!(
            frontend.kind,
            FrontendKind::LoadBalancer(_, SourceFilter::Ranges { .. })
        );
        if guarded && served(port, frontend.policy) != Served::Nowhere {
            let chain = lowering.names.chain(HashedChain::Firewall);
            let text = format!("{} traffic not accepted by {chain}", lowering.label);
            let matches = lowering.sent_to(frontend, &text, []);
            rules
                .firewall
                .push(rule_of(frontend.origin, matches, Target::Drop));
        }
    }
    if let Some(check) = &port.health_check_node_port {
        let matches = [
            Match::Protocol(Protocol::Tcp),
            comment(&format!("{} health check node port", lowering.label)),
            Match::Transport(Protocol::Tcp, Some(check.value)),
        ];
        rules
            .node_ports
            .push(rule_of(check.origin, matches, Target::Accept));
    }
    rules
}

/// What becomes of traffic without endpoints, and why.
fn without_endpoints(lowering: &Lowering<'_>, frontend: &Frontend) -> Option<(Target, String)> {
    let label = &lowering.label;
    match served(lowering.port, frontend.policy) {
        Served::ByEndpoints => None,
        Served::NotHere => Some((Target::Drop, format!("{label} has no local endpoints"))),
        Served::Nowhere => {
            let with = match lowering.port.key.family {
                IpFamily::V4 => RejectWith::IcmpPortUnreachable,
                IpFamily::V6 => RejectWith::Icmp6PortUnreachable,
            };
            Some((Target::Reject(with), format!("{label} has no endpoints")))
        }
    }
}
