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
//! routes, and what neither knows an address for is refused by the network. Each pod has one address per family and its node for a gateway, so that all it sends
//! passes the node, to itself too. Clients reach all addresses of Services through node-a. In each
//! namespace a [`Peer`] serves and asks; a case says who asks what, and looks at the [`Outcome`].

mod change;
mod client;
mod flow;
mod inside;
mod peer;
mod server;
mod service;

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portolan_compiler::model::IpFamily;

pub(crate) use flow::{Outcome, Target, Transport};
pub(crate) use inside::main;
use peer::Role;
pub(crate) use peer::{OpenSocket, Peer};
pub(crate) use service::{Reach, Service};

/// Set in a namespace's own process: its role.
const PEER: &str = "PORTOLAN_KERNEL_PEER";

/// The port that pods serve.
pub(crate) const POD_PORT: u16 = 8080;

/// A node of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    /// The case's own namespace.
    A,
    /// The other one.
    B,
}

impl Node {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::A => "node-a",
            Self::B => "node-b",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::A => 1,
            Self::B => 2,
        }
    }

    /// Its address among the nodes.
    pub(crate) fn address(self, family: IpFamily) -> IpAddr {
        outer(family, self.number())
    }

    /// Its address towards its pods.
    pub(crate) fn gateway(self, family: IpFamily) -> IpAddr {
        inner(family, self.number(), 1)
    }
}

/// An address of the network between the nodes.
fn outer(family: IpFamily, host: u8) -> IpAddr {
    match family {
        IpFamily::V4 => Ipv4Addr::new(192, 168, 2, host).into(),
        IpFamily::V6 => Ipv6Addr::new(0xfd00, 2, 0, 0, 0, 0, 0, host.into()).into(),
    }
}

/// The nodes' way to everywhere else, which there is not.
fn upstream(family: IpFamily) -> IpAddr {
    outer(family, 254)
}

/// An address of a node's pods.
fn inner(family: IpFamily, node: u8, host: u8) -> IpAddr {
    match family {
        IpFamily::V4 => Ipv4Addr::new(10, 244, node, host).into(),
        IpFamily::V6 => Ipv6Addr::new(0xfd00, 0x244, node.into(), 0, 0, 0, 0, host.into()).into(),
    }
}

/// Every address of Services, which clients reach through node-a.
const SERVICE_NETS: [&str; 5] = [
    "10.96.0.0/16",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "fd00:96::/112",
    "2001:db8::/32",
];

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

/// A client outside of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    One,
    Other,
}

impl Client {
    pub(crate) const ALL: [Self; 2] = [Self::One, Self::Other];

    fn name(self) -> &'static str {
        match self {
            Self::One => "client",
            Self::Other => "other-client",
        }
    }

    pub(crate) fn address(self, family: IpFamily) -> IpAddr {
        let host = match self {
            Self::One => 10,
            Self::Other => 11,
        };
        outer(family, host)
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

    fn known(&self, name: &str) -> &Pod {
        let found = self.pods.iter().find(|pod| pod.peer.name() == name);
        found.unwrap_or_else(|| panic!("there is no pod {name}"))
    }

    fn connect_network(&self) {
        let [a, b] = &self.nodes;
        let [one, other] = &self.clients;
        let (mut bridge, mut all) = ("link add br0 type bridge\n".to_owned(), Vec::new());
        for (number, peer) in [a, b, one, other].into_iter().enumerate() {
            let _ = write!(
                bridge,
                "link add port{number} type veth peer name eth0 netns {}\n\
                 link set port{number} master br0 up\n",
                peer.id()
            );
        }
        bridge.push_str("link set br0 up\n");
        bridge.push_str(&in_network("br0", upstream));
        for family in IpFamily::ALL {
            // Unlike other refusals, this one is passed on to UDP sockets too.
            let _ = writeln!(bridge, "route add prohibit {}", everything(family));
        }
        self.network.configure(&bridge);
        for (peer, node, across) in [(a, Node::A, Node::B), (b, Node::B, Node::A)] {
            let mut lines = in_network("eth0", |family| node.address(family));
            for family in IpFamily::ALL {
                let (pods, length) = (inner(family, across.number(), 0), pods_length(family));
                let _ = write!(
                    lines,
                    "route add {pods}/{length} via {}\nroute add {} via {}\n",
                    across.address(family),
                    everything(family),
                    upstream(family)
                );
            }
            all.push((peer, lines));
        }
        for (peer, client) in [(one, Client::One), (other, Client::Other)] {
            let mut lines = in_network("eth0", |family| client.address(family));
            for net in SERVICE_NETS {
                let family = if net.contains(':') {
                    IpFamily::V6
                } else {
                    IpFamily::V4
                };
                let through = Node::A.address(family);
                let _ = writeln!(lines, "route add {net} via {through}");
            }
            all.push((peer, lines));
        }
        for (peer, lines) in all {
            peer.configure(&lines);
        }
    }

    fn connect_pods(&self) {
        for (peer, node) in self.nodes.iter().zip([Node::A, Node::B]) {
            let mut lines = String::new();
            for pod in self.pods.iter().filter(|pod| pod.node == node) {
                let (name, id) = (pod.peer.name(), pod.peer.id());
                let _ = write!(
                    lines,
                    "link add veth-{name} type veth peer name eth0 netns {id}\n\
                     link set veth-{name} up\n"
                );
                for family in IpFamily::ALL {
                    let (here, there) = (full(node.gateway(family)), full(pod.address(family)));
                    let _ = write!(
                        lines,
                        "address add {here} dev veth-{name}{}\nroute add {there} dev veth-{name}\n",
                        at_once(family)
                    );
                }
            }
            peer.configure(&lines);
        }
        for pod in &self.pods {
            let mut lines = "link set lo up\nlink set eth0 up\n".to_owned();
            for family in IpFamily::ALL {
                let (here, gateway) = (full(pod.address(family)), pod.node.gateway(family));
                let _ = write!(
                    lines,
                    "address add {here} dev eth0{}\nroute add {} dev eth0\n\
                     route add {} via {gateway}\n",
                    at_once(family),
                    full(gateway),
                    everything(family)
                );
            }
            pod.peer.configure(&lines);
            pod.peer.serve(POD_PORT);
        }
    }
}

/// Lines that give an interface to the network its addresses.
fn in_network(interface: &str, address: impl Fn(IpFamily) -> IpAddr) -> String {
    let mut lines = format!("link set lo up\nlink set {interface} up\n");
    for family in IpFamily::ALL {
        let length = match family {
            IpFamily::V4 => 24,
            IpFamily::V6 => 64,
        };
        let address = address(family);
        let _ = writeln!(
            lines,
            "address add {address}/{length} dev {interface}{}",
            at_once(family)
        );
    }
    lines
}

/// Nobody else has the address: it need not be asked for.
fn at_once(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "",
        IpFamily::V6 => " nodad",
    }
}

/// Length of the prefix that a node's pods share.
fn pods_length(family: IpFamily) -> u8 {
    match family {
        IpFamily::V4 => 24,
        IpFamily::V6 => 48,
    }
}

/// Every address.
fn everything(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "0.0.0.0/0",
        IpFamily::V6 => "::/0",
    }
}

/// The address alone, as a network.
fn full(address: IpAddr) -> ipnet::IpNet {
    address.into()
}
