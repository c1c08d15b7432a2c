//! Endpoints from Pods are those that the cluster's controller writes into slices.

use std::collections::BTreeSet;

use portolan_compiler::compile::{BaseServices, EndpointsFrom, NodeSelection, Options, Prepared};
use portolan_compiler::model::{Cluster, KubeVersion};
use portolan_support::conformance::case::Case;
use portolan_support::generator;
use portolan_support::generator::text::Spelling;
use portolan_support::pods::{self, Distribution};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::compiled::{artefacts, cases, prepare_with};

/// A cluster twice over, and what goes with it.
struct World {
    cluster: pods::Cluster,
    /// Files beside its objects.
    more: Vec<String>,
    nodes: NodeSelection,
    release: KubeVersion,
}

impl World {
    fn prepare(&self, objects: &[Value], endpoints: EndpointsFrom) -> Prepared {
        let mut files = vec![Spelling::Yaml.write(objects)];
        files.extend(self.more.iter().cloned());
        let options = Options {
            nodes: self.nodes.clone(),
            kube_version: Some(self.release),
            mode: None,
            base_services: BaseServices::Leave,
            endpoints,
        };
        prepare_with(&files, &[], &options)
    }

    /// Pods in place of slices make no difference, in whatever order they are, with others beside them.
    fn check(&self) -> Result<(), TestCaseError> {
        let cluster = &self.cluster;
        let written = self.prepare(&cluster.with_slices(), EndpointsFrom::Slices);
        let strangers = pods::strangers(&cluster.others);
        let reversed = cluster.pods.iter().rev().chain(&strangers);
        for pods in [
            [strangers.clone(), cluster.pods.clone()].concat(),
            reversed.cloned().collect(),
        ] {
            let objects = cluster.with_pods(&pods);
            for from in [EndpointsFrom::Pods, EndpointsFrom::WhatHolds] {
                let made = self.prepare(&objects, from);
                let (expected, found) = (endpoints(written.cluster()), endpoints(made.cluster()));
                let apart: Vec<_> = expected.symmetric_difference(&found).collect();
                prop_assert_eq!(apart, Vec::<&String>::new());
                prop_assert!(artefacts(&written).0 == artefacts(&made).0, "{from:?}");
            }
        }
        Ok(())
    }

    /// Pods are not looked at where slices are asked for, or say everything.
    fn check_slices(&self) -> Result<(), TestCaseError> {
        let cluster = &self.cluster;
        let alone = cluster.with_slices();
        // Unlike what the slices say.
        let gone = cluster.pods.iter().cloned().map(|mut pod| {
            pod["status"]["phase"] = "Failed".into();
            pod
        });
        let beside: Vec<Value> = alone.iter().cloned().chain(gone).collect();
        let expected = artefacts(&self.prepare(&alone, EndpointsFrom::Slices));
        let found = artefacts(&self.prepare(&beside, EndpointsFrom::Slices));
        prop_assert!(expected == found);
        Ok(())
    }
}

/// A random cluster.
fn random(cluster: &generator::Cluster, distribution: Distribution) -> World {
    World {
        cluster: pods::Cluster::new(&cluster.objects(), distribution, cluster.version),
        more: Vec::new(),
        nodes: NodeSelection::All,
        release: cluster.version,
    }
}

/// A cluster that kube-proxy was recorded in.
fn recorded(case: &Case, distribution: Distribution, release: KubeVersion) -> World {
    let mut files = case.inputs();
    let list: Value = serde_yaml::from_str(&files.remove("cluster.yaml").unwrap()).unwrap();
    let objects = list["items"].as_array().unwrap();
    World {
        cluster: pods::Cluster::new(objects, distribution, release),
        more: files.into_values().collect(),
        nodes: NodeSelection::FromConfiguration,
        release,
    }
}

/// All that is said of a cluster's endpoints, by Service.
fn endpoints(cluster: &Cluster) -> BTreeSet<String> {
    let all = cluster.slices.iter().flat_map(|slice| {
        slice.endpoints.iter().map(move |endpoint| {
            let mut ports: Vec<_> = slice.ports.iter().map(|port| format!("{port:?}")).collect();
            ports.sort();
            format!(
                "{} {:?} {ports:?} {} {:?} {:?} {:?} {:?} {:?}",
                slice.service,
                slice.family,
                endpoint.address,
                endpoint.node.map(|node| cluster.places.node_name(node)),
                endpoint.state,
                endpoint.termination,
                endpoint.zone_hints,
                endpoint.node_hints,
            )
        })
    });
    all.collect()
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn pods_of_random_clusters_make_their_slices(
        cluster in generator::cluster(),
        distribution in select(&Distribution::ALL[..]),
    ) {
        random(&cluster, distribution).check()?;
    }

    #[test]
    fn slices_that_are_asked_for_never_look_at_pods(
        cluster in generator::cluster(),
        distribution in select(&Distribution::ALL[..]),
    ) {
        random(&cluster, distribution).check_slices()?;
    }
}

#[test]
fn pods_of_recorded_clusters_make_their_slices() {
    let mut made = 0;
    let mut terminating = 0;
    let mut wrong = Vec::new();
    for (case, number) in Case::all().iter().zip(0u8..) {
        let distribution = Distribution::ALL[usize::from(number) % Distribution::ALL.len()];
        let release = KubeVersion::from_minor(30 + number % 8).unwrap();
        let world = recorded(case, distribution, release);
        made += world.cluster.pods.len();
        let pods = world.cluster.pods.iter();
        terminating += pods
            .filter(|pod| !pod["metadata"]["deletionTimestamp"].is_null())
            .count();
        if let Err(error) = world.check() {
            wrong.push(format!("{}: {error}", case.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(made > 500 && terminating > 20, "{made} and {terminating}");
}
