//! Where clients reach a service port.

use super::node::NodeView;
use crate::diag::{Code, Finding, Findings};
use crate::ir::{Frontend, FrontendKind, NodeAccess, SourceFilter};
use crate::model::IpFamily;
use crate::model::profile::{ExternalIps, LoadBalancerModes, Profile};
use crate::model::service::{Service, ServicePort, Sourced, TrafficPolicy};

/// The frontends of a service port in one family: cluster IP, external IPs, load balancer IPs, node
/// port, in kube-proxy's order.
pub(super) fn frontends(
    service: &Service,
    port: &ServicePort,
    family: IpFamily,
    node: &NodeView,
    profile: Profile,
    findings: &mut Findings,
) -> Vec<Frontend> {
    let external_policy = if service.external_policy_local() {
        TrafficPolicy::Local
    } else {
        TrafficPolicy::Cluster
    };
    let of_family = |ip: &&Sourced<std::net::IpAddr>| IpFamily::of(ip.value) == family;
    let mut frontends = Vec::with_capacity(2);
    frontends.extend(service.cluster_ip(family).map(|ip| Frontend {
        kind: FrontendKind::ClusterIp(ip.value),
        port: port.port,
        policy: service.internal_policy,
        origin: ip.origin,
    }));
    let external_ips = match profile.external_ips {
        ExternalIps::Served | ExternalIps::Deprecated => &service.external_ips[..],
        ExternalIps::Ignored => &[],
    };
    frontends.extend(external_ips.iter().filter(of_family).map(|ip| Frontend {
        kind: FrontendKind::ExternalIp(ip.value),
        port: port.port,
        policy: external_policy,
        origin: ip.origin,
    }));
    let proxied = match profile.load_balancer_modes {
        LoadBalancerModes::Followed => &[],
        LoadBalancerModes::Ignored => &service.proxied_ips[..],
    };
    let balanced = service.load_balancer_ips.iter().chain(proxied);
    let balanced: Vec<_> = balanced.filter(of_family).collect();
    if !balanced.is_empty() {
        let filter = source_filter(service, family, node, findings);
        frontends.extend(balanced.into_iter().map(|ip| Frontend {
            kind: FrontendKind::LoadBalancer(ip.value, filter.clone()),
            port: port.port,
            policy: external_policy,
            origin: ip.origin,
        }));
    }
    frontends.extend(port.node_port.map(|node_port| Frontend {
        kind: FrontendKind::NodePort,
        port: node_port.value,
        policy: external_policy,
        origin: node_port.origin,
    }));
    frontends
}

fn source_filter(
    service: &Service,
    family: IpFamily,
    node: &NodeView,
    findings: &mut Findings,
) -> SourceFilter {
    let ranges: Vec<_> = service
        .source_ranges
        .iter()
        .copied()
        .filter(|range| IpFamily::of_net(range.value) == family)
        .collect();
    // The kernel's sets cannot hold a /0, and kube-proxy before 1.34 shut everyone out.
    if let Some(everyone) = ranges.iter().find(|range| range.value.prefix_len() == 0) {
        findings.push(
            Finding::warning(
                Code::SourceRangeEveryone,
                everyone.origin,
                format!(
                    "source range {} opens the load balancer to everyone",
                    everyone.value
                ),
            )
            .help("remove it, or all ranges; mode ipvs of kube-proxy before 1.34 would shut everyone out"),
        );
        return SourceFilter::Everyone;
    }
    if ranges.is_empty() {
        return SourceFilter::Everyone;
    }
    let own = node.own_address(family);
    let node_access = if ranges
        .iter()
        .any(|range| range.value.contains(&own.address))
    {
        NodeAccess::Allowed
    } else {
        NodeAccess::Denied
    };
    if own.is_fallback() {
        findings.push(
            Finding::warning(
                Code::NodeAddress,
                ranges[0].origin,
                format!(
                    "no {family} address of the node is known: kube-proxy takes {} for it, and the node itself is shut out",
                    own.address
                ),
            )
            .help("add the Node object with its InternalIP, or set bindAddress"),
        );
    }
    SourceFilter::Ranges {
        ranges,
        node: node_access,
    }
}
