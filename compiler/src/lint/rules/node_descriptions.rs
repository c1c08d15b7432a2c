//! PTL038: Nodes that do not say where they are, and endpoints on Nodes that nobody knows.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::IpFamily;
use crate::source::FieldPath;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    unknown_nodes(subject, findings);
    let cluster = subject.cluster;
    let zoned = cluster.nodes.iter().any(|node| node.zone.is_some());
    let used: Vec<IpFamily> = IpFamily::ALL
        .into_iter()
        .filter(|family| {
            cluster
                .services
                .iter()
                .any(|service| service.cluster_ip(*family).is_some())
        })
        .collect();
    for node in &cluster.nodes {
        if zoned && node.zone.is_none() {
            findings.push(
                Finding::warning(
                    Code::NodeDescription,
                    Place::Field(node.object, FieldPath::root().key("metadata").key("labels")),
                    "the Node has no zone, and others have one: it follows no zone hint",
                )
                .help("label it with topology.kubernetes.io/zone"),
            );
        }
        for family in &used {
            let has = node
                .addresses
                .iter()
                .any(|address| IpFamily::of(*address) == *family);
            if !has {
                findings.push(
                    Finding::warning(
                        Code::NodeDescription,
                        Place::Field(node.object, FieldPath::root().key("status").key("addresses")),
                        format!("the Node has no {family} address, and Services of that family are served on it"),
                    )
                    .help("check kubelet's --node-ip, or pass the Node as the cluster has it"),
                );
            }
        }
    }
}

/// Each unknown name once, at the first slice by name, and how many more there are.
fn unknown_nodes(subject: &Subject<'_>, findings: &mut Findings) {
    let places = &subject.cluster.places;
    let mut unknown: BTreeMap<&str, (SliceName<'_>, Place, usize)> = BTreeMap::new();
    for located in &subject.own.slices {
        let slice = &*located.value;
        let name = (slice.namespace.as_deref(), slice.name.as_deref());
        let mut told = BTreeSet::new();
        for (index, endpoint) in slice.endpoints.iter().enumerate() {
            let Some(node) = endpoint.node_name.as_deref() else {
                continue;
            };
            if places.node(node).is_some() || !told.insert(node) {
                continue;
            }
            let path = FieldPath::root().key("endpoints").index(index);
            let place = Place::Field(located.object, path.key("nodeName"));
            match unknown.entry(node) {
                Entry::Vacant(entry) => {
                    entry.insert((name, place, 1));
                }
                Entry::Occupied(mut entry) => {
                    let (first, at, slices) = entry.get_mut();
                    *slices += 1;
                    if name < *first {
                        (*first, *at) = (name, place);
                    }
                }
            }
        }
    }
    for (node, (_, place, slices)) in unknown {
        let more = match slices {
            1 => String::new(),
            2 => " (and in 1 more slice)".to_owned(),
            _ => format!(" (and in {} more slices)", slices - 1),
        };
        findings.push(
            Finding::warning(
                Code::NodeDescription,
                place,
                format!("no Node of the input is called {node:?}: endpoints on it are local nowhere{more}"),
            )
            .help("pass that Node too, or correct the name"),
        );
    }
}

/// Namespace and name of a slice.
type SliceName<'a> = (Option<&'a str>, Option<&'a str>);
