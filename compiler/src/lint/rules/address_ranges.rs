//! PTL023: addresses of Services, pods and nodes that are not apart.

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::ranges::Ranges;
use super::super::subject::Subject;
use super::{root, spec};
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::Cluster;
use crate::source::{FieldPath, ObjectId};

/// A range of pods, and where it stands.
struct PodRange {
    net: IpNet,
    place: Place,
    /// The Node it is of; the whole cluster's has none.
    node: Option<ObjectId>,
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let cluster = subject.cluster;
    let pods = pod_ranges(subject);
    let mut sorted: Vec<&PodRange> = pods.iter().collect();
    sorted.sort_by_key(|range| (range.net.network(), range.net.prefix_len()));
    cluster_ips(subject, &sorted, findings);
    nodes_in_pod_ranges(cluster, &sorted, findings);
    overlapping_nodes(&sorted, findings);
    let nets: Ranges = sorted.iter().map(|range| range.net).collect();
    for service in subject.settings.service_cidrs.iter() {
        let overlaps = nets.overlapping(*service);
        let range = overlaps.and_then(|net| {
            let from = |net: IpNet| (net.network(), net.prefix_len());
            let at = sorted.partition_point(|range| from(range.net) < from(net));
            sorted.get(at)
        });
        if let Some(range) = range {
            findings.push(
                Finding::error(
                    Code::AddressRanges,
                    range.place.clone(),
                    format!(
                        "pod range {} overlaps the range of cluster IPs {service}",
                        range.net
                    ),
                )
                .help("give pods and Services ranges of their own"),
            );
        }
    }
}

fn pod_ranges(subject: &Subject<'_>) -> Vec<PodRange> {
    let cluster = subject.cluster;
    let configured = subject
        .configuration_object()
        .into_iter()
        .flat_map(|object| {
            let ranges = cluster.config.cluster_cidrs.iter();
            ranges.map(move |net| PodRange {
                net: *net,
                place: root(object, "clusterCIDR"),
                node: None,
            })
        });
    let of_nodes = cluster.nodes.iter().flat_map(|node| {
        node.pod_cidrs.iter().map(|net| PodRange {
            net: net.trunc(),
            place: spec(node.object, "podCIDRs"),
            node: Some(node.object),
        })
    });
    configured.chain(of_nodes).collect()
}

/// The first range in which an address lies. Ranges that hold it start at or before it; those of
/// nodes do not overlap in a sane cluster, and the cluster's are few.
fn holding<'r>(sorted: &[&'r PodRange], address: IpAddr) -> Option<&'r PodRange> {
    let wide = sorted.iter().filter(|range| range.node.is_none());
    let end = sorted.partition_point(|range| range.net.network() <= address);
    let near = sorted[..end]
        .iter()
        .rev()
        .filter(|range| range.node.is_some())
        .take(2);
    wide.chain(near)
        .find(|range| range.net.contains(&address))
        .copied()
}

fn cluster_ips(subject: &Subject<'_>, pods: &[&PodRange], findings: &mut Findings) {
    let services = &subject.settings.service_cidrs;
    let has = |v4| services.iter().any(|net| net.addr().is_ipv4() == v4);
    let families = (has(true), has(false));
    for ip in subject
        .cluster
        .services
        .iter()
        .flat_map(|service| &service.cluster_ips)
    {
        if let Some(range) = holding(pods, ip.value) {
            findings.push(
                Finding::error(
                    Code::AddressRanges,
                    ip.origin,
                    format!(
                        "cluster IP {} lies in the pod range {}",
                        ip.value, range.net
                    ),
                )
                .help("give pods and Services ranges of their own")
                .also(range.place.clone(), "the pod range"),
            );
        }
        let v4 = ip.value.is_ipv4();
        let given = if v4 { families.0 } else { families.1 };
        if given && services.holding(ip.value).is_none() {
            findings.push(
                Finding::error(
                    Code::AddressRanges,
                    ip.origin,
                    format!(
                        "cluster IP {} lies outside the range of cluster IPs",
                        ip.value
                    ),
                )
                .help("let the cluster allocate it, or correct serviceCIDRs of LintConfig"),
            );
        }
    }
}

fn nodes_in_pod_ranges(cluster: &Cluster, pods: &[&PodRange], findings: &mut Findings) {
    for node in &cluster.nodes {
        for address in &node.addresses {
            if let Some(range) = holding(pods, *address) {
                findings.push(
                    Finding::error(
                        Code::AddressRanges,
                        Place::Field(
                            node.object,
                            FieldPath::root().key("status").key("addresses"),
                        ),
                        format!(
                            "the node's address {address} lies in the pod range {}",
                            range.net
                        ),
                    )
                    .help("give pods a range without nodes")
                    .also(range.place.clone(), "the pod range"),
                );
            }
        }
    }
}

/// Sorted by start, ranges that overlap follow one another.
fn overlapping_nodes(sorted: &[&PodRange], findings: &mut Findings) {
    let nodes = sorted.iter().filter(|range| range.node.is_some());
    let mut last: Option<&PodRange> = None;
    for range in nodes {
        if let Some(wide) = last
            && wide.net.contains(&range.net)
            && wide.node != range.node
        {
            findings.push(
                Finding::error(
                    Code::AddressRanges,
                    range.place.clone(),
                    format!(
                        "pod range {} overlaps {} of another node",
                        range.net, wide.net
                    ),
                )
                .help("give each node a range of its own")
                .also(wide.place.clone(), "the other node's"),
            );
            continue;
        }
        last = Some(range);
    }
}
