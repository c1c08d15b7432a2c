//! PTL038: Nodes that do not say where they are, and endpoints on Nodes that nobody knows.

use std::collections::BTreeSet;

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

/// Of each slice each unknown name once.
fn unknown_nodes(subject: &Subject<'_>, findings: &mut Findings) {
    let places = &subject.cluster.places;
    for located in &subject.own.slices {
        let mut told = BTreeSet::new();
        for (index, endpoint) in located.value.endpoints.iter().enumerate() {
            let Some(name) = endpoint.node_name.as_deref() else {
                continue;
            };
            if places.node(name).is_none() && told.insert(name) {
                let path = FieldPath::root()
                    .key("endpoints")
                    .index(index)
                    .key("nodeName");
                findings.push(
                    Finding::warning(
                        Code::NodeDescription,
                        Place::Field(located.object, path),
                        format!("no Node of the input is called {name:?}: endpoints on it are local nowhere"),
                    )
                    .help("pass that Node too, or correct the name"),
                );
            }
        }
    }
}
