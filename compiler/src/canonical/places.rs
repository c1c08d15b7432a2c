//! Where endpoints are and for whom they are meant: told apart by node and by zone once, so that a node
//! need not look at the endpoints of others.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::Own;
use super::text::{Port, digest, line};
use crate::bundle::Digest;
use crate::lower::{Gathered, PortEndpoints};
use crate::model::Cluster;
use crate::model::places::{NodeIndex, ZoneIndex};
use crate::model::profile::{LoadBalancerModes, Topology};
use crate::model::service::TopologyAnnotation;
use crate::model::slice::EndpointState;

/// Endpoints by place, each list digested.
#[derive(Debug)]
pub(super) struct Places {
    /// On a node.
    local: BTreeMap<NodeIndex, Digest>,
    /// Meant for a node; those that are meant for some.
    for_nodes: (BTreeMap<NodeIndex, Digest>, Digest),
    /// Meant for a zone; those that are meant for some.
    for_zones: (BTreeMap<ZoneIndex, Digest>, Digest),
    /// The Services with the annotation of topology-aware routing.
    annotated: Digest,
    /// Load balancer addresses of `ipMode: Proxy`, with the source ranges of their Services.
    proxied: Digest,
}

/// Some endpoints: service ports with the positions of the endpoints among the port's.
#[derive(Debug, Default)]
struct List {
    text: String,
    /// The last port written, by its position.
    port: Option<usize>,
}

impl List {
    fn push(&mut self, at: usize, port: PortEndpoints<'_>, position: usize) {
        // A string never refuses.
        if self.port.replace(at) != Some(at) {
            let key = port.key();
            let _ = write!(self.text, "\nport {} {}", key.service, Port(key));
        }
        let _ = write!(self.text, " {position}");
    }

    fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

fn digests<K: Ord>(lists: BTreeMap<K, List>) -> BTreeMap<K, Digest> {
    let digested = lists
        .into_iter()
        .map(|(place, list)| (place, list.digest()));
    digested.collect()
}

impl Places {
    pub(super) fn new(cluster: &Cluster, gathered: &Gathered) -> Self {
        let mut local: BTreeMap<NodeIndex, List> = BTreeMap::new();
        let mut for_nodes: BTreeMap<NodeIndex, List> = BTreeMap::new();
        let mut for_zones: BTreeMap<ZoneIndex, List> = BTreeMap::new();
        let (mut for_some_node, mut for_some_zone) = (List::default(), List::default());
        for (at, port) in gathered.ports().enumerate() {
            for (position, (_, endpoint)) in port.candidates(cluster).enumerate() {
                if let Some(node) = endpoint.node {
                    local.entry(node).or_default().push(at, port, position);
                }
                // Hints of others are not looked at.
                if endpoint.state != EndpointState::Ready {
                    continue;
                }
                if let Some(nodes) = &endpoint.node_hints {
                    for_some_node.push(at, port, position);
                    for node in nodes {
                        for_nodes.entry(*node).or_default().push(at, port, position);
                    }
                }
                if let Some(zones) = &endpoint.zone_hints {
                    for_some_zone.push(at, port, position);
                    for zone in zones {
                        for_zones.entry(*zone).or_default().push(at, port, position);
                    }
                }
            }
        }
        let annotated = cluster.services.iter().filter(|service| {
            service.topology_annotation == TopologyAnnotation::Enabled && service.skipped.is_none()
        });
        let proxied = cluster
            .services
            .iter()
            .filter(|service| !service.proxied_ips.is_empty() && service.skipped.is_none());
        Self {
            proxied: digest(|out| {
                proxied.clone().try_for_each(|service| {
                    writeln!(out, "service {}", service.key)?;
                    line(out, "ips", service.proxied_ips.iter().map(|ip| ip.value))?;
                    line(
                        out,
                        "from",
                        service.source_ranges.iter().map(|range| range.value),
                    )
                })
            }),
            local: digests(local),
            for_nodes: (digests(for_nodes), for_some_node.digest()),
            for_zones: (digests(for_zones), for_some_zone.digest()),
            annotated: digest(|out| {
                annotated
                    .map(|service| &service.key)
                    .try_for_each(|service| writeln!(out, "{service}"))
            }),
        }
    }

    /// The node's lines; of hints only what its release follows.
    pub(super) fn write(&self, own: &Own<'_>, out: &mut impl Write) -> fmt::Result {
        let node = own.view.index();
        if let Some(local) = node.and_then(|node| self.local.get(&node)) {
            writeln!(out, "local {local}")?;
        }
        match own.profile.load_balancer_modes {
            LoadBalancerModes::Followed => {}
            LoadBalancerModes::Ignored => writeln!(out, "proxied {}", self.proxied)?,
        }
        match own.profile.topology {
            Topology::Ignored => return Ok(()),
            Topology::AnnotatedZones => writeln!(out, "annotated {}", self.annotated)?,
            Topology::Zones => {}
            Topology::NodesThenZones => {
                if let Some(here) = node.and_then(|node| self.for_nodes.0.get(&node)) {
                    writeln!(out, "for-nodes {}\nfor-node {here}", self.for_nodes.1)?;
                }
            }
        }
        let zone = own.view.zone();
        match zone.and_then(|zone| self.for_zones.0.get(&zone)) {
            Some(here) => writeln!(out, "for-zones {}\nfor-zone {here}", self.for_zones.1),
            None => Ok(()),
        }
    }
}
