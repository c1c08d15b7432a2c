//! A small change of the cluster is a small change of the artefacts.

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::compile::NodeSelection;
use portolan_support::generator::text::Spelling;
use portolan_support::generator::{Cluster, cluster};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::compiled::{artefacts, cases, prepare, texts};

/// A cluster, and the same with one endpoint more: like one that its Service has already.
fn with_one_more() -> impl Strategy<Value = (Cluster, Cluster, usize)> {
    let grown = |(cluster, service, endpoint): (Cluster, Index, Index)| {
        let services = cluster.services.iter().enumerate();
        let backed: Vec<usize> = services
            .filter(|(_, (_, backing))| !backing.endpoints.is_empty())
            .map(|(at, _)| at)
            .collect();
        let service = *backed.get(service.index(backed.len().max(1)))?;
        let mut more = cluster.clone();
        let endpoints = &mut more.services[service].1.endpoints;
        endpoints.push(endpoints[endpoint.index(endpoints.len())].clone());
        Some((cluster, more, service))
    };
    (cluster(), any::<Index>(), any::<Index>()).prop_filter_map("a Service with endpoints", grown)
}

/// The most frontends a port of a generated Service has in both families: two cluster IPs, three
/// external IPs, two load balancer addresses, and a node port at up to seven addresses of the
/// node and as many bound ones as a range takes in.
const FRONTENDS: usize = 2 + 3 + 2 + 7;

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn one_endpoint_more_adds_a_few_lines((before, after, service) in with_one_more()) {
        let compile = |cluster: &Cluster| {
            let files = [Spelling::JsonList.write(&cluster.objects())];
            let prepared = prepare(&files, NodeSelection::Named("node-0".to_owned()), cluster.version);
            texts(artefacts(&prepared).0)
        };
        let ports = after.services[service].0.ports.len();
        // With nodePortAddresses that take in the Services' range, one for each Service.
        let frontends = FRONTENDS + after.services.len();
        let (old, new) = (compile(&before), compile(&after));
        prop_assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
        for (key, old) in &old {
            let (added, removed) = difference(old, &new[key]);
            let bound = match key.1 {
                ArtefactKind::IpvsRules => ports * frontends,
                // For packets that come back to their sender, in both families.
                ArtefactKind::Ipset => ports * 2,
                // Nobody chooses it here, in both families, and a load balancer hears of one more.
                ArtefactKind::Services => ports * 2 + 2,
                _ => 0,
            };
            prop_assert!(added <= bound, "{:?}: {} lines more", key, added);
            let changed = if key.1 == ArtefactKind::Services { 2 } else { 0 };
            prop_assert!(removed <= changed, "{:?}: {} lines less", key, removed);
        }
    }
}

/// How many lines come and go.
fn difference(old: &str, new: &str) -> (usize, usize) {
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let (old, new) = (sorted(old), sorted(new));
    let beyond = |lines: &[String], others: &[String]| {
        let mut others = others.iter().peekable();
        lines
            .iter()
            .filter(|line| {
                while others.next_if(|other| other < line).is_some() {}
                others.next_if(|other| other == line).is_none()
            })
            .count()
    };
    (beyond(&new, &old), beyond(&old, &new))
}
