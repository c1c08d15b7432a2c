//! For whom endpoints are meant, as far as it decides which of them a node or a zone uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use super::Own;
use super::list::{List, digests};
use super::text::{Port, line};
use crate::bundle::Digest;
use crate::lower::{Alike, PortEndpoints, Standpoint};
use crate::model::Cluster;
use crate::model::places::{NodeIndex, ZoneIndex};
use crate::model::profile::Topology;
use crate::model::service::TopologyAnnotation;

/// Lists of endpoints by the place that they are meant for.
#[derive(Debug, Default)]
pub(super) struct Hinted {
    nodes: BTreeMap<NodeIndex, List>,
    zones: BTreeMap<ZoneIndex, List>,
    /// Those of Services with the annotation of topology-aware routing.
    annotated: BTreeMap<ZoneIndex, List>,
    /// Ports that have an address several times, with different hints.
    contradicting: String,
}

/// The same, digested.
#[derive(Debug)]
pub(super) struct Hints {
    nodes: BTreeMap<NodeIndex, Digest>,
    zones: BTreeMap<ZoneIndex, Digest>,
    annotated: BTreeMap<ZoneIndex, Digest>,
    contradicting: Option<Digest>,
}

impl Hinted {
    /// Takes in the ready endpoints of a port, the `at`-th, with their positions.
    pub(super) fn add(
        &mut self,
        cluster: &Cluster,
        at: usize,
        port: PortEndpoints<'_>,
        ready: &[(usize, Alike<'_>)],
    ) {
        if ready.iter().any(|(_, alike)| contradicts(cluster, *alike)) {
            self.contradict(cluster, port, ready);
            return;
        }
        let firsts = || {
            let alike = ready.iter();
            alike
                .filter_map(|(position, alike)| Some((*position, alike.endpoints(cluster).next()?)))
        };
        // They count only where every one has some.
        if firsts().all(|(_, one)| one.node_hints.is_some()) {
            for (position, one) in firsts() {
                for node in one.node_hints.iter().flatten() {
                    self.nodes
                        .entry(*node)
                        .or_default()
                        .push(at, port, position);
                }
            }
        }
        if firsts().all(|(_, one)| one.zone_hints.is_some()) {
            let mut zones: BTreeMap<ZoneIndex, Vec<usize>> = BTreeMap::new();
            for (position, one) in firsts() {
                for zone in one.zone_hints.iter().flatten() {
                    zones.entry(*zone).or_default().push(position);
                }
            }
            let (service, _) = port.service(cluster);
            let annotated = service.topology_annotation == TopologyAnnotation::Enabled;
            // Where all are meant for a zone, it uses all, as without hints.
            zones.retain(|_, positions| positions.len() < ready.len());
            for (zone, positions) in zones {
                for position in positions {
                    self.zones.entry(zone).or_default().push(at, port, position);
                    if annotated {
                        let list = self.annotated.entry(zone).or_default();
                        list.push(at, port, position);
                    }
                }
            }
        }
    }

    /// Which of several endpoints counts, and with it what its hints are, differs by node: all are told.
    fn contradict(
        &mut self,
        cluster: &Cluster,
        port: PortEndpoints<'_>,
        ready: &[(usize, Alike<'_>)],
    ) {
        let (key, (service, _)) = (port.key(), port.service(cluster));
        let annotated = match service.topology_annotation {
            TopologyAnnotation::Enabled => " annotated",
            TopologyAnnotation::Absent => "",
        };
        let text = &mut self.contradicting;
        // A string never refuses.
        let _ = writeln!(text, "port {} {}{annotated}", key.service, Port(key));
        for (position, alike) in ready {
            let all: BTreeSet<_> = alike
                .endpoints(cluster)
                .map(|one| (one.node, &one.node_hints, &one.zone_hints))
                .collect();
            for (node, node_hints, zone_hints) in all {
                let places = &cluster.places;
                let _ = write!(text, "{position}");
                if let Some(node) = node {
                    let _ = write!(text, " on {}", places.node_name(node));
                }
                if let Some(nodes) = node_hints {
                    text.push_str(" nodes");
                    for node in nodes {
                        let _ = write!(text, " {}", places.node_name(*node));
                    }
                }
                if let Some(zones) = zone_hints {
                    text.push_str(" zones");
                    for zone in zones {
                        let _ = write!(text, " {}", places.zone_name(*zone));
                    }
                }
                text.push('\n');
            }
        }
    }

    pub(super) fn digest(self) -> Hints {
        let text = self.contradicting;
        Hints {
            nodes: digests(self.nodes),
            zones: digests(self.zones),
            annotated: digests(self.annotated),
            contradicting: (!text.is_empty()).then(|| Digest::of(text.as_bytes())),
        }
    }
}

/// Whether endpoints of one address have different hints.
fn contradicts(cluster: &Cluster, alike: Alike<'_>) -> bool {
    let mut hints = alike
        .endpoints(cluster)
        .map(|one| (&one.node_hints, &one.zone_hints));
    let first = hints.next();
    hints.any(|hints| Some(hints) != first)
}

impl Hints {
    /// The lines of a node, of what its release follows.
    pub(super) fn write(&self, own: &Own<'_>, out: &mut impl Write) -> fmt::Result {
        let none = BTreeMap::new();
        let (nodes, zones) = match own.profile.topology {
            Topology::Ignored => return Ok(()),
            Topology::AnnotatedZones => (&none, &self.annotated),
            Topology::Zones => (&none, &self.zones),
            Topology::NodesThenZones => (&self.nodes, &self.zones),
        };
        let Standpoint { node, zone } = own.view.standpoint();
        line(out, "for-node", node.and_then(|node| nodes.get(&node)))?;
        line(out, "for-zone", zone.and_then(|zone| zones.get(&zone)))?;
        line(out, "contradicting", self.contradicting)
    }
}
