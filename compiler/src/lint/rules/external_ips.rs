//! PTL011: external IPs, with which a Service can draw anybody's traffic.

use super::super::subject::Subject;
use super::endpoint_addresses::is_broadcast;
use super::load_balancers;
use super::owners::Owners;
use crate::diag::{Code, Finding, Findings};
use crate::model::IpFamily;
use crate::model::profile::ExternalIps;
use crate::model::service::{Service, Skipped};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let cluster = subject.cluster;
    // They get no rules, and draw nobody's traffic.
    if subject.profile.external_ips == ExternalIps::Ignored {
        return;
    }
    let owners = Owners::of(subject);
    for service in cluster
        .services
        .iter()
        .filter(|service| is_programmed(service))
    {
        let namespace = service.key.namespace.as_str();
        for ip in &service.external_ips {
            let address = ip.value;
            // kube-proxy drops it, which is a finding of its own.
            let family = IpFamily::of(address);
            if service.skipped.is_none() && service.cluster_ip(family).is_none() {
                continue;
            }
            let node = owners.node(address);
            if let Some(node) = node.filter(|_| load_balancers::taken_from_node(subject)) {
                let message = format!("external IP {address} is {}", load_balancers::of_node(node));
                findings.push(
                    Finding::error(Code::ExternalIp, ip.origin, message)
                        .help("use an address that is nobody else's"),
                );
                continue;
            }
            let broadcast = "the broadcast address: its traffic goes to the Service";
            let owner = owners
                .of_address(address)
                .or_else(|| is_broadcast(address).then(|| broadcast.to_owned()));
            if let Some(owner) = owner {
                let message = format!("external IP {address} is {owner}");
                findings.push(
                    Finding::error(Code::ExternalIp, ip.origin, message)
                        .help("use an address that is nobody else's"),
                );
                continue;
            }
            match &subject.settings.external_ips {
                Some(allowed) if allowed.allows(namespace, address) => {}
                Some(_) => findings.push(
                    Finding::error(
                        Code::ExternalIp,
                        ip.origin,
                        format!("external IP {address} is not allowed in namespace {namespace}"),
                    )
                    .help("use an allowed one, or add it to externalIPs of LintConfig"),
                ),
                None => findings.push(
                    Finding::warning(
                        Code::ExternalIp,
                        ip.origin,
                        format!("external IP {address}: on every node its traffic goes to the Service, whosever it is"),
                    )
                    .help("use a load balancer, or say in externalIPs of LintConfig which are allowed"),
                ),
            }
        }
    }
}

/// Whether kube-proxy looks at a Service, or will once it is allocated.
fn is_programmed(service: &Service) -> bool {
    !matches!(
        service.skipped,
        Some(Skipped::Headless | Skipped::ExternalName | Skipped::OtherProxy)
    )
}

/// External IPs that a later release of Kubernetes gives no rules to.
pub(super) fn on_their_way_out(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.profile.external_ips != ExternalIps::Deprecated {
        return;
    }
    let services = subject.cluster.services.iter();
    for service in services.filter(|service| is_programmed(service)) {
        let Some(first) = service.external_ips.first() else {
            continue;
        };
        let message = "externalIPs are deprecated since Kubernetes 1.36: kube-proxy gives them no rules by default from 1.40 on, and none at all from 1.43 on";
        findings.push(
            Finding::warning(Code::ExternalIpsDeprecated, first.origin, message)
                .help("let traffic in by a load balancer, a Gateway or a node port"),
        );
    }
}
