//! UDP has no connections, but the kernel remembers some: a client that keeps its socket must not
//! stay with an endpoint that is gone, or with none.

use portolan_compiler::model::{IpFamily, Mode};

use crate::bed::{Bed, Client, Condition, Node, OpenSocket, Outcome, Reach, Service, Transport};
use crate::harness::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("traffic::a_udp_socket_follows_the_endpoints", follows),
        Case::new("traffic::a_udp_socket_finds_a_new_service", finds),
        Case::new("traffic::a_udp_socket_keeps_who_serves_it", keeps),
    ]
}

fn follows() {
    let bed = Bed::new(&[("a", Node::A), ("b", Node::A)]);
    let service = Service::new("datagrams", 1).node_port().external_ips();
    bed.change_to(&[&service.clone().pods(&["a"])]);
    let mut sockets: Vec<OpenSocket<'_>> = Vec::new();
    for family in IpFamily::ALL {
        for reach in [Reach::ClusterIp, Reach::NodePort, Reach::ExternalIp] {
            let to = service.at(reach, Transport::Udp, family);
            sockets.push(bed.client(Client::One).open(to));
        }
        let to = service.at(Reach::ClusterIp, Transport::Udp, family);
        sockets.extend([bed.pod("b").open(to), bed.node().open(to)]);
    }
    let all = |wanted: &str| {
        for socket in &sockets {
            assert_eq!(socket.ask().backend(), wanted, "{socket:?}");
        }
    };
    all("a");
    bed.change_to(&[&service.clone().pods(&["b"])]);
    all("b");
    bed.change_to(&[&service]);
    for socket in &sockets {
        assert_eq!(socket.ask(), Outcome::Refused, "{socket:?}");
    }
    bed.change_to(&[&service.pods(&["a"])]);
    all("a");
}

/// What was sent before there was a Service was forwarded without masquerading, and the kernel
/// remembers that too.
fn finds() {
    let bed = Bed::new(&[("far", Node::B)]);
    let service = Service::new("comes", 1).external_ips().pods(&["far"]);
    let other = Service::new("stays", 2);
    bed.change_to(&[&other]);
    let client = bed.client(Client::One);
    let sockets: Vec<OpenSocket<'_>> = IpFamily::ALL
        .map(|family| client.open(service.at(Reach::ExternalIp, Transport::Udp, family)))
        .into();
    for socket in &sockets {
        assert_eq!(socket.ask(), Outcome::Unclaimed, "{socket:?}");
    }
    bed.change_to(&[&service, &other]);
    for (socket, family) in sockets.iter().zip(IpFamily::ALL) {
        let seen = socket.ask();
        assert_eq!(seen.backend(), "far", "{socket:?}");
        assert_eq!(seen.source_seen(), Node::A.address(family), "{socket:?}");
    }
}

/// Policies and terminating decide on new flows only; an open one stays until its endpoint serves no
/// more. In mode ipvs the kernel ends those whose destination goes.
fn keeps() {
    const VERSION: &str = "1.36";
    let bed = Bed::new(&[("a", Node::A), ("far", Node::B)]);
    let service = Service::new("keeps", 1).node_port();
    for mode in [Mode::Iptables, Mode::Nftables] {
        let change = |service: &Service| bed.change_of_release(VERSION, mode, &[service]);
        change(&service.clone().pods(&["far"]));
        let mut sockets: Vec<OpenSocket<'_>> = Vec::new();
        for family in IpFamily::ALL {
            for reach in [Reach::ClusterIp, Reach::NodePort] {
                let to = service.at(reach, Transport::Udp, family);
                sockets.push(bed.client(Client::One).open(to));
            }
        }
        let all = |wanted: &str, stage: &str| {
            for socket in &sockets {
                let answered = socket.ask();
                assert_eq!(answered.backend(), wanted, "{mode:?}, {stage}: {socket:?}");
            }
        };
        all("far", "opened");
        let both = service.clone().pods(&["a", "far"]);
        change(&both);
        all("far", "another comes");
        change(&both.clone().inside_local().local());
        all("far", "policies");
        change(&both);
        all("far", "policies again");
        let ends = |condition| {
            let pods = [("a", Condition::Ready), ("far", condition)];
            service.clone().endpoints(&pods)
        };
        change(&ends(Condition::Draining));
        all("far", "terminating");
        change(&ends(Condition::Ended));
        all("a", "serving no more");
    }
}
