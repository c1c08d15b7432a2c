//! UDP has no connections, but the kernel remembers some: a client that keeps its socket must not
//! stay with an endpoint that is gone, or with none.

use portolan_compiler::model::IpFamily;

use crate::bed::{Bed, Client, Node, OpenSocket, Outcome, Reach, Service, Transport};
use crate::harness::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new(
        "traffic::a_udp_socket_follows_the_endpoints",
        follows,
    )]
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
    bed.change_to(&[&service.clone().pods(&["a"])]);
    all("a");
}
