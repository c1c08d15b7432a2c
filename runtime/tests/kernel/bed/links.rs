//! Lays the bed's links, addresses and routes.

use std::fmt::Write as _;
use std::net::IpAddr;

use portolan_compiler::model::IpFamily;

use super::addresses::{Client, Node, inner, upstream};
use super::{Bed, POD_PORT};

/// Every address of Services, which clients reach through node-a.
const SERVICE_NETS: [&str; 5] = [
    "10.96.0.0/16",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "fd00:96::/112",
    "2001:db8::/32",
];

impl Bed {
    pub(super) fn connect_network(&self) {
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
            // For what it refuses; who asks a pod from outside has no way here.
            for node in [Node::A, Node::B] {
                let (pods, length) = (inner(family, node.number(), 0), pods_length(family));
                let _ = writeln!(
                    bridge,
                    "route add {pods}/{length} via {}",
                    node.address(family)
                );
            }
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
            let lines = in_network("eth0", |family| client.address(family));
            all.push((peer, lines + &to_services()));
        }
        for (peer, lines) in all {
            peer.configure(&lines);
        }
    }

    /// Has pods of node-b ask Services by way of node-a, as the clients do. What they answer to a
    /// Service's address then finds back to node-a too, which it does not elsewhere.
    pub(crate) fn lead_other_node_to_services(&self) {
        self.nodes[1].configure(&to_services());
    }

    pub(super) fn connect_pods(&self) {
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

/// Lines that lead to Services by node-a.
fn to_services() -> String {
    let mut lines = String::new();
    for net in SERVICE_NETS {
        let family = if net.contains(':') {
            IpFamily::V6
        } else {
            IpFamily::V4
        };
        let through = Node::A.address(family);
        let _ = writeln!(lines, "route add {net} via {through}");
    }
    lines
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

/// The range of all addresses of a family.
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
