//! Chains for what is sent to external IPs, load balancers and node ports: whose address stays, who
//! is let in.

use std::net::IpAddr;

use ipnet::IpNet;

use super::port::{Lowering, balancing, sent_by};
use crate::ir::{Frontend, FrontendKind, NodeAccess, SourceFilter};
use crate::kernel::iptables::build::{comment, goto, rule_of};
use crate::kernel::iptables::{AddrType, Chain, Match, Negation, Rule, Target};
use crate::mode::kube_chain::{HashedChain, KubeChain};
use crate::mode::traffic::{Served, served};
use crate::model::service::{Sourced, TrafficPolicy};

/// KUBE-EXT and KUBE-FW of a service port, as far as it has them.
pub(super) fn chains(lowering: &Lowering<'_>) -> Vec<Chain> {
    let Some(policy) = lowering.external_policy() else {
        return Vec::new();
    };
    let mut chains = vec![Chain {
        name: lowering.names.chain(HashedChain::External),
        rules: external(lowering, policy),
    }];
    chains.extend(firewall(lowering).map(|rules| Chain {
        name: lowering.names.chain(HashedChain::Firewall),
        rules,
    }));
    chains
}

fn external(lowering: &Lowering<'_>, policy: TrafficPolicy) -> Vec<Rule> {
    let Lowering { port, label, .. } = lowering;
    let cluster = || Target::Chain(lowering.names.chain(HashedChain::Cluster));
    let because = |text: String| comment(&text);
    let mut rules = Vec::new();
    match policy {
        // Endpoints of other nodes answer to this one only.
        TrafficPolicy::Cluster => rules.push(rule_of(
            port.origin,
            [because(format!(
                "masquerade traffic for {label} external destinations"
            ))],
            goto(KubeChain::MarkMasq),
        )),
        // What the node and its pods send is under no policy, as if it went out and came back.
        TrafficPolicy::Local => {
            let local = lowering.masquerading.local_traffic(port.key.family);
            if let Some(pods) = sent_by(local, Negation::Is) {
                let why = because(format!("pod traffic for {label} external destinations"));
                rules.push(rule_of(port.origin, [pods, why], cluster()));
            }
            let own = || Match::SourceType(Negation::Is, AddrType::Local);
            let masquerade = because(format!(
                "masquerade LOCAL traffic for {label} external destinations"
            ));
            let route = because(format!(
                "route LOCAL traffic for {label} external destinations"
            ));
            rules.push(rule_of(
                port.origin,
                [masquerade, own()],
                goto(KubeChain::MarkMasq),
            ));
            rules.push(rule_of(port.origin, [route, own()], cluster()));
        }
    }
    if served(port, policy) == Served::ByEndpoints {
        let chain = lowering.names.chain(balancing(policy));
        rules.push(rule_of(port.origin, [], Target::Chain(chain)));
    }
    rules
}

/// Lets in who may use the load balancer; what is left gets no endpoint, and table filter drops it.
fn firewall(lowering: &Lowering<'_>) -> Option<Vec<Rule>> {
    let guarded: Vec<Guarded<'_>> = lowering.port.frontends.iter().filter_map(guarded).collect();
    let first = guarded.first()?;
    let label = &lowering.label;
    let allow = |net: IpNet, origin| {
        rule_of(
            origin,
            [
                Match::Source(Negation::Is, net),
                comment(&format!("{label} loadbalancer IP")),
            ],
            Target::Chain(lowering.names.chain(HashedChain::External)),
        )
    };
    let ranges = first.ranges.iter();
    let mut rules: Vec<Rule> = ranges
        .map(|range| allow(range.value, range.origin))
        .collect();
    // What the node sends to a load balancer's address may have that address for its source.
    if first.node == NodeAccess::Allowed {
        let own = guarded.iter();
        rules.extend(own.map(|one| allow(IpNet::from(one.address), one.frontend.origin)));
    }
    let rest = format!("other traffic to {label} will be dropped by KUBE-PROXY-FIREWALL");
    rules.push(rule_of(
        lowering.port.origin,
        [comment(&rest)],
        Target::Continue,
    ));
    Some(rules)
}

/// A load balancer's address that not everyone may use. All of a Service have the same ranges.
struct Guarded<'a> {
    frontend: &'a Frontend,
    address: IpAddr,
    ranges: &'a [Sourced<IpNet>],
    node: NodeAccess,
}

fn guarded(frontend: &Frontend) -> Option<Guarded<'_>> {
    let FrontendKind::LoadBalancer(address, SourceFilter::Ranges { ranges, node }) = &frontend.kind
    else {
        return None;
    };
    Some(Guarded {
        frontend,
        address: *address,
        ranges,
        node: *node,
    })
}
