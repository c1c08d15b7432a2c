//! Who is reached, and as whom.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use portolan_compiler::model::IpFamily;
use serde_json::json;

use super::both;
use crate::bed::{Bed, Client, Node, Outcome, Reach, Service, Target};
use crate::harness::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("traffic::a_pod_reaches_itself_through_its_service", hairpin),
        Case::new("traffic::policy_decides_whose_address_a_pod_sees", policies),
        Case::new("traffic::sources_outside_the_ranges_meet_silence", ranges),
        Case::new(
            "traffic::affinity_keeps_a_client_with_its_backend",
            affinity,
        ),
    ]
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

fn hairpin() {
    let bed = Bed::new(&[("a", Node::A), ("b", Node::A)]);
    let alone = Service::new("alone", 1).external_ips().node_port();
    let alone = alone.pods(&["a"]);
    bed.change_to(&[&alone]);
    for (transport, family) in both() {
        for reach in [Reach::ClusterIp, Reach::ExternalIp, Reach::NodePort] {
            let to = alone.at(reach, transport, family);
            let wanted = answer("a", Node::A.gateway(family));
            assert_eq!(bed.pod("a").ask(to), wanted, "{to}");
        }
        // What goes to another pod comes back through the node by itself.
        let to = alone.at(Reach::ClusterIp, transport, family);
        let wanted = answer("a", bed.address("b", family));
        assert_eq!(bed.pod("b").ask(to), wanted, "{to}");
    }
}

fn answer(backend: &str, source_seen: IpAddr) -> Outcome {
    Outcome::Answer {
        backend: backend.to_owned(),
        source_seen,
    }
}

fn policies() {
    let bed = Bed::new(&[("a", Node::A), ("far", Node::B)]);
    let wide = Service::new("wide", 1).external_ips().load_balancer();
    let wide = wide.pods(&["a", "far"]);
    let local = Service::new("local", 2).external_ips().load_balancer();
    let local = local.local().pods(&["a", "far"]);
    bed.change_to(&[&wide, &local]);
    let client = bed.client(Client::One);
    for (transport, family) in both() {
        for reach in [Reach::NodePort, Reach::ExternalIp, Reach::LoadBalancer] {
            let to = wide.at(reach, transport, family);
            let seen = client.ask_times(2, to);
            let wanted = [
                answer("a", Node::A.gateway(family)),
                answer("far", Node::A.address(family)),
            ];
            assert_eq!(seen, wanted.into(), "{to}");
            let to = local.at(reach, transport, family);
            let seen = client.ask_times(2, to);
            let wanted = answer("a", Client::One.address(family));
            assert_eq!(seen, [wanted].into(), "{to}");
        }
        // From outside the cluster to a cluster IP.
        let to = local.at(Reach::ClusterIp, transport, family);
        let seen = client.ask_times(2, to);
        let wanted = [
            answer("a", Node::A.gateway(family)),
            answer("far", Node::A.address(family)),
        ];
        assert_eq!(seen, wanted.into(), "{to}");
        assert_eq!(bed.pod("a").backends(2, to), names(["a", "far"]), "{to}");
        assert_eq!(bed.node().backends(2, to), names(["a", "far"]), "{to}");
    }
}

fn ranges() {
    let bed = Bed::new(&[("a", Node::A)]);
    let service = |name, number, allowed: &[IpAddr]| {
        let ranges: Vec<IpNet> = allowed.iter().copied().map(IpNet::from).collect();
        let service = Service::new(name, number).load_balancer().pods(&["a"]);
        service.with("loadBalancerSourceRanges", json!(ranges))
    };
    let client = IpFamily::ALL.map(|family| Client::One.address(family));
    let node = IpFamily::ALL.map(|family| Node::A.address(family));
    let narrow = service("narrow", 1, &client);
    let wider = service("wider", 2, &[client, node].concat());
    bed.change_to(&[&narrow, &wider]);
    let all = |service: &Service, reach| -> Vec<Target> {
        both()
            .map(|(transport, family)| service.at(reach, transport, family))
            .collect()
    };
    let (client, other) = (bed.client(Client::One), bed.client(Client::Other));
    let (narrowly, widely) = (
        all(&narrow, Reach::LoadBalancer),
        all(&wider, Reach::LoadBalancer),
    );
    for (from, targets) in [
        (client, &narrowly),
        (client, &widely),
        (bed.node(), &widely),
        // They are about load balancer addresses only.
        (other, &all(&narrow, Reach::NodePort)),
    ] {
        for outcome in from.ask_all(targets) {
            assert_eq!(outcome.backend(), "a", "{} to {targets:?}", from.name());
        }
    }
    for (from, targets) in [
        (other, [narrowly.clone(), widely].concat()),
        (bed.node(), narrowly),
    ] {
        let outcomes = from.ask_all_briefly(&targets);
        let silent = |outcome: &Outcome| *outcome == Outcome::Silence;
        assert!(outcomes.iter().all(silent), "{}: {outcomes:?}", from.name());
    }
}

fn affinity() {
    let bed = Bed::new(&[("a", Node::A), ("b", Node::A)]);
    let service = Service::new("sticky", 1).affinity().pods(&["a", "b"]);
    bed.change_to(&[&service]);
    for (transport, family) in both() {
        let to = service.at(Reach::ClusterIp, transport, family);
        let one = bed.client(Client::One).backends(4, to);
        let other = bed.client(Client::Other).backends(4, to);
        assert_eq!((one.len(), other.len()), (1, 1), "{to}");
        // In turn, as the scheduler has it.
        assert_ne!(one, other, "{to}");
    }
}
