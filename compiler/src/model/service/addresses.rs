//! Addresses of a Service: its cluster IPs, those of its load balancer, and who may send to these.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::diag::{Code, Finding};
use crate::model::IpFamily;
use crate::model::base::Allocation;
use crate::model::check::{Check, Target, spec};
use crate::source::{Field, FieldPath, ObjectId, Origin};

use super::{NO_ADDRESS, Service, Sourced};

/// The cluster IPs of each family; none where the Service asks for none.
pub(super) fn cluster_ips(
    check: &mut Check,
    allocation: &Allocation,
    single: Option<&str>,
    list: &[String],
    families: &[String],
) -> Vec<Sourced<IpAddr>> {
    let object = allocation.cluster_ips;
    let families: Vec<Option<IpFamily>> = families
        .iter()
        .enumerate()
        .map(|(i, text)| {
            let place = check.at(spec("ipFamilies").index(i));
            let known = [("IPv4", IpFamily::V4), ("IPv6", IpFamily::V6)];
            // The cluster IPs say which families there are.
            check.inert(|check| check.choice(Some(text), IpFamily::V4, &known, place))
        })
        .collect();
    if single == Some(NO_ADDRESS) || list.first().is_some_and(|first| first == NO_ADDRESS) {
        return Vec::new();
    }
    let single = single.filter(|text| !text.is_empty());
    // The API server keeps clusterIP and clusterIPs[0] equal; a manifest may have only one of them.
    let texts: Vec<(&str, Field)> = if list.is_empty() {
        single
            .map(|text| (text, Field::ClusterIp))
            .into_iter()
            .collect()
    } else {
        list.iter()
            .zip(0u32..)
            .map(|(text, i)| (text.as_str(), Field::ClusterIps(i)))
            .collect()
    };
    if let (Some(single), Some(first)) = (single, list.first())
        && single != first
    {
        check.warning(
            Code::ApiRefuses,
            crate::diag::Place::Field(object, Field::ClusterIp.path()),
            format!("clusterIP {single:?} differs from clusterIPs[0] {first:?} and is not used"),
            "make them the same, as the API server requires",
        );
    }
    let mut ips: Vec<Sourced<IpAddr>> = Vec::new();
    for (i, (text, field)) in texts.into_iter().enumerate() {
        let origin = Origin { object, field };
        let Some(value) = check.target(Target::ClusterIp, text, origin) else {
            continue;
        };
        let family = IpFamily::of(value);
        if let Some(expected) = families.get(i).copied().flatten()
            && expected != family
        {
            check.error(
                Code::AddressFamily,
                origin.into(),
                format!("cluster IP {value} is {family}, and ipFamilies[{i}] is {expected}"),
                "list clusterIPs and ipFamilies in the same order",
            );
            continue;
        }
        if let Some(first) = ips.iter().find(|ip| IpFamily::of(ip.value) == family) {
            check.findings.push(
                Finding::error(
                    Code::AddressFamily,
                    origin,
                    format!("a second {family} cluster IP, {value}"),
                )
                .help("keep one cluster IP of each family")
                .also(first.origin, "the first"),
            );
            continue;
        }
        ips.push(Sourced { value, origin });
    }
    ips
}

pub(super) fn load_balancer_ips(
    check: &mut Check,
    object: ObjectId,
    ingress: Vec<k8s_openapi::api::core::v1::LoadBalancerIngress>,
) -> (Vec<Sourced<IpAddr>>, Vec<Sourced<IpAddr>>) {
    let mut ips = Vec::with_capacity(ingress.len());
    let mut proxied = Vec::new();
    for (ingress, i) in ingress.into_iter().zip(0u32..) {
        let mode = check.choice(
            ingress.ip_mode.as_deref(),
            IpMode::Vip,
            &[("VIP", IpMode::Vip), ("Proxy", IpMode::Proxy)],
            crate::diag::Place::Field(
                object,
                FieldPath::root()
                    .key("status")
                    .key("loadBalancer")
                    .key("ingress")
                    .index(i as usize)
                    .key("ipMode"),
            ),
        );
        let Some(text) = ingress.ip.filter(|ip| !ip.is_empty()) else {
            continue;
        };
        let origin = Origin {
            object,
            field: Field::IngressIp(i),
        };
        let Some(value) = check.target(Target::LoadBalancerIp, &text, origin) else {
            continue;
        };
        // With mode Proxy the load balancer sends to the node's own address.
        match mode {
            Some(IpMode::Vip) => ips.push(Sourced { value, origin }),
            Some(IpMode::Proxy) => proxied.push(Sourced { value, origin }),
            None => {}
        }
    }
    (ips, proxied)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IpMode {
    Vip,
    Proxy,
}

pub(super) fn source_ranges(check: &mut Check, texts: &[String]) -> Vec<Sourced<IpNet>> {
    let mut ranges = Vec::with_capacity(texts.len());
    for (text, i) in texts.iter().zip(0u32..) {
        let origin = Origin {
            object: check.object,
            field: Field::SourceRange(i),
        };
        // The API server and kube-proxy both trim spaces, so they change nothing.
        let Some(value) = check.range("source range", text.trim(), origin.into()) else {
            continue;
        };
        ranges.push(Sourced { value, origin });
    }
    ranges
}

/// What kube-proxy drops without a word because the Service lacks the family.
pub(super) fn warn_of_dropped(check: &mut Check, service: &Service) {
    if service.skipped.is_some() {
        return;
    }
    let lacks = |family: IpFamily| service.cluster_ip(family).is_none();
    let addresses = service
        .external_ips
        .iter()
        .map(|ip| ("external IP", ip))
        .chain(
            service
                .load_balancer_ips
                .iter()
                .map(|ip| ("load balancer IP", ip)),
        );
    for (what, ip) in addresses {
        let family = IpFamily::of(ip.value);
        if lacks(family) {
            check.warning(
                Code::AddressDropped,
                ip.origin.into(),
                format!(
                    "{what} {} is dropped: the Service has no {family} cluster IP",
                    ip.value
                ),
                "make the Service dual-stack, or remove the address",
            );
        }
    }
    for range in &service.source_ranges {
        let family = IpFamily::of_net(range.value);
        if lacks(family) {
            check.warning(
                Code::SourceRangeDropped,
                range.origin.into(),
                format!(
                    "source range {} is dropped: the Service has no {family} cluster IP",
                    range.value
                ),
                "make the Service dual-stack, or remove the range",
            );
        }
    }
    for family in IpFamily::ALL {
        let guarded = service
            .load_balancer_ips
            .iter()
            .find(|ip| IpFamily::of(ip.value) == family && !lacks(family));
        let has_range = service
            .source_ranges
            .iter()
            .any(|r| IpFamily::of_net(r.value) == family);
        if let Some(ip) = guarded
            && !service.source_ranges.is_empty()
            && !has_range
        {
            check.warning(
                Code::SourceRangeEveryone,
                ip.origin.into(),
                format!(
                    "load balancer IP {} is open to everyone: no source range is {family}",
                    ip.value
                ),
                "add a source range of this family",
            );
        }
    }
}
