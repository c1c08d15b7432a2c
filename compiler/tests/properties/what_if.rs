//! What would be without a node is what is once it is gone.

use std::collections::BTreeSet;

use portolan_compiler::compile::{BaseServices, EndpointsFrom, NodeSelection, Options, Prepared};
use portolan_compiler::model::Cluster;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::what_if::{Counts, Evicted, Happens, Question, Row, Rows, Situation, Units};
use portolan_support::generator;
use portolan_support::generator::text::Spelling;
use portolan_support::pods::{self, Distribution};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::compiled::{cases, prepare_with};

fn prepare(cluster: &generator::Cluster, objects: &[Value]) -> Prepared {
    let options = Options {
        nodes: NodeSelection::All,
        kube_version: Some(cluster.version),
        mode: None,
        base_services: BaseServices::Leave,
        endpoints: EndpointsFrom::WhatHolds,
    };
    prepare_with(&[Spelling::Yaml.write(objects)], &[], &options)
}

/// A question about one node.
fn lost(node: &str, evicted: Evicted) -> Question {
    Question {
        lost: [NodeName::parse(node).unwrap()].into(),
        evicted,
        ..Question::default()
    }
}

/// Whoever serves, with all that is said of it, by Service; of these Services only.
fn serving(cluster: &Cluster, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let slices = cluster.slices.iter();
    let wanted = slices.filter(|slice| wanted(&slice.service.to_string()));
    let all = wanted.flat_map(|slice| {
        let serve = slice.endpoints.iter().filter(|one| one.state.serves());
        serve.map(move |endpoint| {
            let places = &cluster.places;
            let mut ports: Vec<_> = slice.ports.iter().map(|port| format!("{port:?}")).collect();
            ports.sort();
            let zones = endpoint.zone_hints.iter().flatten();
            let nodes = endpoint.node_hints.iter().flatten();
            format!(
                "{} {ports:?} {:?} {:?} {:?} {:?} {:?}",
                slice.service,
                endpoint.address,
                endpoint.node.map(|node| places.node_name(node)),
                endpoint.state,
                zones
                    .map(|zone| places.zone_name(*zone))
                    .collect::<Vec<_>>(),
                nodes
                    .map(|node| places.node_name(*node))
                    .collect::<Vec<_>>(),
            )
        })
    });
    all.collect()
}

proptest! {
    #![proptest_config(cases(24))]

    /// As the cluster finds it: Pods of a node that is gone are not ready.
    #[test]
    fn a_lost_node_is_one_whose_pods_are_not_ready(
        cluster in generator::cluster(),
        distribution in select(&Distribution::ALL[..]),
        node in any::<Index>(),
        slices in any::<bool>(),
    ) {
        let names = cluster.node_names();
        let node = node.get(&names);
        let made = pods::Cluster::new(&cluster.objects(), distribution, cluster.version);
        let unready: Vec<Value> = made.pods.iter().cloned().map(|mut pod| {
            if pod["spec"]["nodeName"] == json!(node) {
                pod["status"]["conditions"] = json!([{"type": "Ready", "status": "False"}]);
            }
            pod
        }).collect();
        // By slices, with Pods beside them, or by Pods alone.
        let now = if slices {
            [made.with_slices(), made.pods.clone()].concat()
        } else {
            made.with_pods(&made.pods)
        };
        let now = prepare(&cluster, &now);
        let found = prepare(&cluster, &made.with_pods(&unready));
        let situation = Situation::new(&now);
        let then = situation.after(&lost(node, Evicted::Gone));
        let sides = then.sides(&situation, &now);
        let changed: BTreeSet<String> =
            sides[0].cluster().services.iter().map(|one| one.key.to_string()).collect();
        let changes = |service: &str| changed.contains(service);
        prop_assert_eq!(
            serving(sides[1].cluster(), changes),
            serving(found.cluster(), changes)
        );
        let stays = |service: &str| !changed.contains(service);
        prop_assert_eq!(serving(now.cluster(), stays), serving(found.cluster(), stays));
        prop_assert!(!sides[1].nodes().iter().any(|name| name.as_str() == node));
    }

    #[test]
    fn a_row_is_what_the_node_alone_would_take(
        cluster in generator::cluster(),
        distribution in select(&Distribution::ALL[..]),
        evicted in select(&[Evicted::Gone, Evicted::Placed][..]),
        happens in select(&Happens::ALL[..]),
    ) {
        let made = pods::Cluster::new(&cluster.objects(), distribution, cluster.version);
        let now = prepare(&cluster, &[made.with_slices(), made.pods].concat());
        let situation = Situation::new(&now);
        let rows = Rows::new(&situation, Units::Nodes, happens, evicted).rows;
        prop_assert_eq!(rows.len(), now.cluster().nodes.len());
        for Row { unit, counts, impact } in rows {
            let mut question = lost(unit.name(), evicted);
            if happens == Happens::Drained {
                question.drained = std::mem::take(&mut question.lost);
            }
            let then = situation.after(&question);
            prop_assert_eq!(then.counts, counts);
            let mut alone = then.impact(&situation);
            for shares in &alone.shares {
                let unanswered = shares.unanswered.after;
                let answered: f64 = shares.endpoints.iter().filter_map(|one| one.after).sum();
                if let Some(unanswered) = unanswered {
                    // In vain is both an endpoint's and unanswered.
                    prop_assert!(answered + unanswered > 1.0 - 1e-9, "{shares:?}");
                    prop_assert!(answered < 1.0 + 1e-9, "{shares:?}");
                }
            }
            alone.shares.clear();
            prop_assert_eq!(alone, impact);
        }
    }

    #[test]
    fn a_node_without_endpoints_takes_nothing_with_it(
        cluster in generator::cluster(),
        evicted in select(&[Evicted::Gone, Evicted::Placed][..]),
    ) {
        let mut objects = cluster.objects();
        objects.push(json!({
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": "spare"},
            "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.200"}]},
        }));
        let now = prepare(&cluster, &objects);
        let situation = Situation::new(&now);
        let then = situation.after(&lost("spare", evicted));
        prop_assert!(then.is_empty(), "{then:?}");
        prop_assert_eq!(then.counts, Counts::default());
    }
}
