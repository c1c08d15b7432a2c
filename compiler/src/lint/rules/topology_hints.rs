//! PTL029: topology hints that nobody follows.

use super::super::subject::Subject;
use super::spec;
use crate::diag::{Code, Finding, Findings, Place};
use crate::front::{EndpointManifest, Located, SliceManifest};
use crate::model::slice::LABEL_SERVICE;
use crate::source::{FieldPath, ObjectId};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let cluster = subject.cluster;
    let zones = &cluster.places;
    for slices in by_service(subject) {
        let ready = || {
            slices.iter().flat_map(|located| {
                let endpoints = located.value.endpoints.iter().enumerate();
                endpoints
                    .filter(|(_, endpoint)| endpoint.conditions.ready.unwrap_or(true))
                    .map(|(index, endpoint)| (located.object, index, endpoint))
            })
        };
        let unhinted = ready().find(|(_, _, endpoint)| !is_hinted(endpoint));
        let hinted = ready().any(|(_, _, endpoint)| is_hinted(endpoint));
        if let (true, Some((object, index, _))) = (hinted, unhinted) {
            findings.push(
                Finding::warning(
                    Code::TopologyHints,
                    endpoint(object, index),
                    "this endpoint has no hint and others of the Service have: all hints are ignored",
                )
                .help("give every ready endpoint a hint, or none"),
            );
        }
        if zones.zones().is_empty() {
            continue;
        }
        let unknown = ready().find_map(|(object, index, endpoint)| {
            let hints = endpoint.hints.as_ref()?.for_zones.as_ref()?;
            let zone = hints.iter().find(|zone| zones.zone(&zone.name).is_none())?;
            Some((object, index, &zone.name))
        });
        if let Some((object, index, zone)) = unknown {
            findings.push(
                Finding::warning(
                    Code::TopologyHints,
                    endpoint(object, index),
                    format!("hint for zone {zone:?}, in which no Node of the input is"),
                )
                .help("correct the zone, or pass the Nodes that are in it"),
            );
        }
    }
    let located_nowhere = !cluster.nodes.is_empty() && zones.zones().is_empty();
    for located in &subject.own.services {
        let body = located.value.spec.as_ref();
        let wanted = body.and_then(|body| body.traffic_distribution.as_deref());
        if let (true, Some("PreferClose" | "PreferSameZone")) = (located_nowhere, wanted) {
            findings.push(
                Finding::warning(
                    Code::TopologyHints,
                    spec(located.object, "trafficDistribution"),
                    "trafficDistribution prefers the same zone, and no Node has one",
                )
                .help("label the Nodes with topology.kubernetes.io/zone"),
            );
        }
    }
}

fn is_hinted(endpoint: &EndpointManifest) -> bool {
    endpoint.hints.as_ref().is_some_and(|hints| {
        let zones = hints
            .for_zones
            .as_ref()
            .is_some_and(|list| !list.is_empty());
        zones
            || hints
                .for_nodes
                .as_ref()
                .is_some_and(|list| !list.is_empty())
    })
}

fn endpoint(object: ObjectId, index: usize) -> Place {
    Place::Field(object, FieldPath::root().key("endpoints").index(index))
}

/// The slices of each Service, family by family.
fn by_service<'a>(subject: &Subject<'a>) -> Vec<Vec<&'a Located<SliceManifest>>> {
    let mut slices: Vec<_> = subject
        .own
        .slices
        .iter()
        .filter_map(|located| {
            let slice = &*located.value;
            let service = slice.labels.get(LABEL_SERVICE)?;
            let namespace = slice.namespace.as_deref().unwrap_or("default");
            Some(((namespace, service, slice.address_type.as_str()), located))
        })
        .collect();
    slices.sort_by(|a, b| (a.0, &a.1.value.name).cmp(&(b.0, &b.1.value.name)));
    slices
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| same.iter().map(|(_, located)| *located).collect())
        .collect()
}
