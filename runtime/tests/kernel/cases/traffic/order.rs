//! Addresses come last and go first.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use portolan_compiler::model::IpFamily;

use crate::bed::{Bed, Client, Node, Reach, SERVICE_PORT, Service, Target, Transport};
use crate::harness::Case;

/// How often the Service comes and goes.
const TIMES: usize = 2;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new(
        "traffic::no_listener_of_the_node_answers_for_a_service",
        order,
    )]
}

fn order() {
    let bed = Bed::new(&[("a", Node::A)]);
    let service = Service::new("comes", 1).external_ips().pods(&["a"]);
    let other = Service::new("stays", 2).pods(&["a"]);
    bed.change_to(&[&other]);
    bed.node().serve(SERVICE_PORT);
    let client = bed.client(Client::One);
    let streams: Vec<_> = IpFamily::ALL
        .into_iter()
        .flat_map(|family| {
            let to = |reach| service.at(reach, Transport::Tcp, family);
            [to(Reach::ClusterIp), to(Reach::ExternalIp)]
        })
        .map(|to| (to, client.stream(to)))
        .collect();
    // It is there, and would answer.
    let listener = SocketAddr::new(Node::A.address(IpFamily::V4), SERVICE_PORT);
    let listener = Target::Port(Transport::Tcp, listener);
    assert_eq!(client.ask(listener).backend(), Node::A.name());

    for _ in 0..TIMES {
        for services in [&[&other, &service][..], &[&other]] {
            let before: Vec<u32> = streams
                .iter()
                .map(|(_, stream)| stream.so_far().total())
                .collect();
            bed.change_to(services);
            for ((_, stream), before) in streams.iter().zip(before) {
                while stream.so_far().total() == before {
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }
    for (to, stream) in streams {
        let tally = stream.stop();
        assert!(tally.answered.contains_key("a"), "{to}: {tally:?}");
        assert!(
            !tally.answered.contains_key(Node::A.name()),
            "{to}: {tally:?}"
        );
    }
}
