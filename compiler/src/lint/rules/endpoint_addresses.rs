//! PTL009 and PTL010: endpoints where no pod can be.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings};
use crate::model::service::{Service, Sourced};
use crate::model::slice::Slice;
use crate::source::Origin;

fn endpoints(slices: &[Slice]) -> impl Iterator<Item = (IpAddr, Origin)> {
    slices.iter().flat_map(|slice| {
        slice.endpoints.iter().map(|endpoint| {
            let origin = Origin {
                object: slice.object,
                field: endpoint.field,
            };
            (endpoint.address, origin)
        })
    })
}

pub(super) fn special(subject: &Subject<'_>, findings: &mut Findings) {
    for (address, origin) in endpoints(&subject.cluster.slices) {
        let Some(what) = special_address(address) else {
            continue;
        };
        findings.push(
            Finding::error(
                Code::SpecialEndpoint,
                origin,
                format!("endpoint {address} is {what}, and no pod has such an address"),
            )
            .help("point it at a pod, or remove it"),
        );
    }
}

/// What is special about an address that no pod can have.
pub(super) fn special_address(address: IpAddr) -> Option<&'static str> {
    let (loopback, link_local, broadcast) = match address {
        IpAddr::V4(v4) => (v4.is_loopback(), v4.is_link_local(), v4.is_broadcast()),
        IpAddr::V6(v6) => (v6.is_loopback(), v6.is_unicast_link_local(), false),
    };
    if address == IpAddr::from([169, 254, 169, 254]) {
        Some("the cloud's metadata service")
    } else if loopback {
        Some("a loopback address of the node")
    } else if link_local {
        Some("a link-local address")
    } else if address.is_multicast() {
        Some("a multicast address")
    } else if address.is_unspecified() {
        Some("the unspecified address")
    } else if broadcast {
        Some("the broadcast address")
    } else {
        None
    }
}

pub(super) fn loops(subject: &Subject<'_>, findings: &mut Findings) {
    let mut claimed: BTreeMap<IpAddr, (&Service, Origin)> = BTreeMap::new();
    for service in &subject.cluster.services {
        for ip in addresses(service) {
            claimed.entry(ip.value).or_insert((service, ip.origin));
        }
    }
    for (address, origin) in endpoints(&subject.cluster.slices) {
        if let Some((service, claim)) = claimed.get(&address) {
            findings.push(
                Finding::error(
                    Code::EndpointLoop,
                    origin,
                    format!(
                        "endpoint {address} is an address of the Service {}",
                        service.key
                    ),
                )
                .help("point it at the pods behind that Service")
                .also(*claim, "the Service's address"),
            );
            continue;
        }
        let mut ranges = subject.settings.service_cidrs.iter();
        if let Some(range) = ranges.find(|range| range.contains(&address)) {
            findings.push(
                Finding::error(
                    Code::EndpointLoop,
                    origin,
                    format!("endpoint {address} lies in the range of cluster IPs {range}"),
                )
                .help("point it at a pod"),
            );
        }
    }
}

/// All addresses of a Service.
pub(super) fn addresses(service: &Service) -> impl Iterator<Item = &Sourced<IpAddr>> {
    let external = service
        .external_ips
        .iter()
        .chain(&service.load_balancer_ips);
    service.cluster_ips.iter().chain(external)
}
