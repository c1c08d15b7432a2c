//! What a change does to those who are talking.

use std::collections::BTreeSet;

use portolan_compiler::model::IpFamily;
use portolan_compiler::plan::file::PlanFile;
use portolan_runtime::report::Exit;
use serde_json::json;

use super::both;
use crate::bed::{Bed, Client, Node, OpenSocket, Outcome, Reach, Service, Transport};
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::on_node;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("traffic::plans_leave_others_alone", others),
        Case::new("traffic::scaling_leaves_open_connections", scaling),
        Case::new("traffic::connections_drain", drains),
    ]
}

/// The life of a Service: each stage differs from the one before.
fn life(base: &Service) -> Vec<Service> {
    let open = base.clone().external_ips();
    let ranges = |ranges: &[&str]| {
        let service = open.clone().pods(&["b"]).load_balancer();
        service.with("loadBalancerSourceRanges", json!(ranges))
    };
    let narrow = ranges(&["192.168.2.11/32", "fd00:2::b/128"]);
    vec![
        base.clone().pods(&["a"]),
        open.clone().pods(&["a", "b"]),
        open.clone().pods(&["b"]).node_port(),
        ranges(&["192.168.0.0/16", "fd00:2::/64"]),
        narrow.clone(),
        narrow.clone().affinity(),
        narrow.local().pods(&["a"]),
    ]
}

fn others() {
    let bed = Bed::new(&[("a", Node::A), ("b", Node::A)]);
    let quiet = Service::new("quiet", 1).node_port().pods(&["a"]);
    bed.change_to(&[&quiet]);
    let client = bed.client(Client::One);
    let open: Vec<OpenSocket<'_>> = IpFamily::ALL
        .into_iter()
        .flat_map(|family| {
            let at = |reach| quiet.at(reach, Transport::Tcp, family);
            [
                client.open(at(Reach::ClusterIp)),
                client.open(at(Reach::NodePort)),
            ]
        })
        .collect();
    let (from_outside, from_pod) = (bed.client(Client::Other), bed.pod("b"));
    let streams: Vec<_> = both()
        .zip([from_outside, from_pod, from_pod, from_outside])
        .map(|((transport, family), peer)| {
            let to = quiet.at(Reach::ClusterIp, transport, family);
            (to, peer.stream(to))
        })
        .collect();

    let busy = Service::new("busy", 2);
    let answered = |plan: &PlanFile| {
        assert!(!plan.steps.is_empty(), "every stage differs");
        for socket in &open {
            assert_eq!(socket.ask().backend(), "a", "{socket:?}");
        }
    };
    for stage in &life(&busy) {
        answered(&bed.change_to(&[&quiet, stage]));
    }
    answered(&bed.change_to(&[&quiet]));

    for (to, stream) in streams {
        let tally = stream.stop();
        let everyone: BTreeSet<&str> = tally.answered.keys().map(String::as_str).collect();
        assert_eq!(everyone, ["a"].into(), "{to}: {tally:?}");
        assert_eq!((tally.refused, tally.silent), (0, 0), "{to}: {tally:?}");
    }
}

/// A destination that goes keeps the connections it has, takes no new ones, gets its weight again if
/// it comes back, and goes when they are over.
fn drains() {
    let bed = Bed::new(&[("a", Node::A), ("b", Node::A)]);
    let service = Service::new("drains", 1);
    let (first, second) = (service.clone().pods(&["a"]), service.clone().pods(&["b"]));
    bed.change_to(&[&first]);
    let client = bed.client(Client::One);
    let targets = IpFamily::ALL.map(|family| service.at(Reach::ClusterIp, Transport::Tcp, family));
    let open = targets.map(|to| client.open(to));
    let goes_on = || {
        for socket in &open {
            assert_eq!(socket.ask().backend(), "a", "{socket:?}");
        }
    };
    bed.change_draining("1h", &[&second]);
    goes_on();
    for to in targets {
        assert_eq!(client.backends(2, to), ["b".to_owned()].into());
    }
    let verified = on_node("verify").ends(Exit::Done);
    assert_eq!(verified.stdout.matches("draining").count(), 2, "{verified}");
    let drained = on_node("recover").ends(Exit::Done);
    assert_eq!(drained.stderr.matches("Draining").count(), 2, "{drained}");
    goes_on();

    bed.change_draining("1h", &[&first]);
    goes_on();
    // Its time is over before the connections are.
    bed.change_draining("1s", &[&second]);
    std::thread::sleep(std::time::Duration::from_secs(2));
    on_node("recover").ends(Exit::Done);
    let verified = on_node("verify").ends(Exit::Done);
    assert!(!verified.stdout.contains("draining"), "{verified}");
    for socket in &open {
        assert_eq!(socket.ask(), Outcome::Refused, "{socket:?}");
    }
}

fn scaling() {
    let bed = Bed::new(&[("a", Node::A), ("b", Node::A), ("far", Node::B)]);
    let service = Service::new("grows", 1).node_port().external_ips();
    bed.change_to(&[&service.clone().pods(&["a"])]);
    let reaches = [Reach::ClusterIp, Reach::NodePort, Reach::ExternalIp];
    let open: Vec<OpenSocket<'_>> = IpFamily::ALL
        .into_iter()
        .flat_map(|family| reaches.map(|reach| service.at(reach, Transport::Tcp, family)))
        .map(|to| bed.client(Client::One).open(to))
        .collect();
    let stays = || {
        for socket in &open {
            assert_eq!(socket.ask().backend(), "a", "{socket:?}");
        }
    };
    stays();

    let grown = service.clone().pods(&["a", "b", "far"]);
    bed.change_to(&[&grown]);
    stays();
    // Somebody has it drain, which the next plan takes back.
    for (server, destination) in [
        ("10.96.0.1:80", "10.244.1.2:8080"),
        ("[fd00:96::1]:80", "[fd00:244:1::2]:8080"),
    ] {
        Tool::new(&format!("ipvsadm -e -t {server} -r {destination} -m -w 0")).run();
    }
    stays();
    let plan = bed.change_to(&[&grown]);
    assert_eq!(plan.steps.len(), 2, "{:#?}", plan.steps);
    stays();
    // Of the three, the others go.
    bed.change_to(&[&service.clone().pods(&["a"])]);
    stays();
    // And at last its own: what is open ends, it does not hang.
    bed.change_to(&[&service.pods(&["b"])]);
    for socket in &open {
        assert_eq!(socket.ask(), Outcome::Refused, "{socket:?}");
    }
}
