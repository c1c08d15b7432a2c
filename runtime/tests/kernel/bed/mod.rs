//! A test bed for packets: a cluster of two nodes, with pods and with clients outside, out of network
//! namespaces that are gone with the case.
//!
//! ```text
//!  client   other-client                       pods of node-a        pods of node-b
//!     |          |                                |      |                 |
//!   --+----------+-----+-- 192.168.2.0/24 --+     |      |                 |
//!                      |   fd00:2::/64      |     |      |                 |
//!                    node-a --------------- | ----+------+                 |
//!                                         node-b --------------------------+
//! ```
//!
//! node-a is the case's own namespace: what a case programs there is what it tries. node-b only
//! routes. What neither knows is refused by the network. Each pod has one address per family and its
//! node for a gateway, so that all it sends passes the node, to itself too. Clients reach all
//! addresses of Services through node-a. In each namespace a [`Peer`] serves and asks; a case says
//! who asks what, and looks at the [`Outcome`].

mod addresses;
mod change;
mod client;
mod datagram;
mod flow;
mod inside;
mod links;
mod peer;
mod ping;
mod server;
mod service;

use std::net::IpAddr;

use portolan_compiler::model::IpFamily;

use addresses::inner;
pub(crate) use addresses::{Client, Node};
pub(crate) use change::Compiled;
pub(crate) use flow::{Outcome, Outcomes, Sample, Target, Transport};
pub(crate) use inside::main;
use peer::Role;
pub(crate) use peer::{OpenSocket, Peer};
pub(crate) use service::{Condition, Reach, SERVICE_PORT, Service};

/// Set in a namespace's own process: its role.
const PEER: &str = "PORTOLAN_KERNEL_PEER";

/// The port that pods serve.
pub(crate) const POD_PORT: u16 = 8080;

/// A pod: it serves [`POD_PORT`] under its name.
#[derive(Debug)]
pub(crate) struct Pod {
    peer: Peer,
    node: Node,
    number: u8,
}

impl Pod {
    pub(crate) fn address(&self, family: IpFamily) -> IpAddr {
        inner(family, self.node.number(), self.number)
    }
}

/// The whole bed.
#[derive(Debug)]
pub(crate) struct Bed {
    network: Peer,
    nodes: [Peer; 2],
    clients: [Peer; 2],
    pods: Vec<Pod>,
}

impl Bed {
    /// Makes one with these pods.
    pub(crate) fn new(pods: &[(&str, Node)]) -> Self {
        let bed = Self {
            network: Peer::start("network", Role::Router),
            nodes: [
                Peer::start_here(Node::A.name(), Role::Router),
                Peer::start(Node::B.name(), Role::Router),
            ],
            clients: Client::ALL.map(|client| Peer::start(client.name(), Role::Host)),
            pods: pods
                .iter()
                .zip(2..)
                .map(|(&(name, node), number)| Pod {
                    peer: Peer::start(name, Role::Host),
                    node,
                    number,
                })
                .collect(),
        };
        let pods = bed.pods.iter().map(|pod| &pod.peer);
        let others = [&bed.network].into_iter().chain(&bed.nodes);
        for peer in others.chain(&bed.clients).chain(pods) {
            peer.wait();
        }
        bed.connect_network();
        bed.connect_pods();
        bed
    }

    /// What asks from the node, and may serve there.
    pub(crate) fn node(&self) -> &Peer {
        &self.nodes[0]
    }

    /// What asks from outside.
    pub(crate) fn client(&self, client: Client) -> &Peer {
        &self.clients[client as usize]
    }

    /// What asks from a pod.
    pub(crate) fn pod(&self, name: &str) -> &Peer {
        &self.known(name).peer
    }

    /// A pod's own address.
    pub(crate) fn address(&self, pod: &str, family: IpFamily) -> IpAddr {
        self.known(pod).address(family)
    }

    pub(crate) fn pod_names(&self) -> Vec<&str> {
        self.pods.iter().map(|pod| pod.peer.name()).collect()
    }

    /// The pod that has an address.
    pub(crate) fn pod_at(&self, address: IpAddr) -> Option<(&str, Node)> {
        let family = IpFamily::of(address);
        let found = self.pods.iter().find(|pod| pod.address(family) == address);
        found.map(|pod| (pod.peer.name(), pod.node))
    }

    fn known(&self, name: &str) -> &Pod {
        let found = self.pods.iter().find(|pod| pod.peer.name() == name);
        found.unwrap_or_else(|| panic!("there is no pod {name}"))
    }
}
