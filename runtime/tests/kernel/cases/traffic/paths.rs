//! Who is reached, and as whom.

use std::collections::BTreeSet;
use std::net::IpAddr;

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
    let alone = Service::new("alone", 1).pods(&["a"]);
    bed.change_to(&[&alone]);
    for (transport, family) in both() {
        let to = alone.at(Reach::ClusterIp, transport, family);
        let seen = bed.pod("a").ask(to);
        assert_eq!(seen.backend(), "a", "{to}");
        assert_eq!(seen.source_seen(), Node::A.gateway(family), "{to}");
        // Another pod's packets come back through the node by themselves.
        assert_eq!(
            bed.pod("b").ask(to),
            answer("a", bed.address("b", family)),
            "{to}"
        );
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
    let allowed: Vec<String> = IpFamily::ALL
        .map(|family| ipnet::IpNet::from(Client::One.address(family)).to_string())
        .into();
    let service = Service::new("ranges", 1).load_balancer().pods(&["a"]);
    let service = service.with("loadBalancerSourceRanges", json!(allowed));
    bed.change_to(&[&service]);
    let to = |reach| -> Vec<Target> {
        both()
            .map(|(transport, family)| service.at(reach, transport, family))
            .collect()
    };
    let (balanced, others) = (to(Reach::LoadBalancer), bed.client(Client::Other));
    assert_eq!(others.ask_all(&balanced), [const { Outcome::Silence }; 4]);
    // They are about load balancer addresses only.
    let to = to(Reach::NodePort);
    for outcome in bed
        .client(Client::One)
        .ask_all(&balanced)
        .iter()
        .chain(&others.ask_all(&to))
    {
        assert_eq!(outcome.backend(), "a");
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
