//! Who sends.

use std::net::IpAddr;

use ipnet::IpNet;
use portolan_compiler::explain::Arrival;
use portolan_compiler::ir::{LocalTraffic, ServicePort};
use portolan_compiler::model::IpFamily;
use portolan_compiler::model::name::InterfaceName;

use super::Compiled;

#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) arrival: Arrival,
}

/// Clients outside of the cluster, in the ranges of pods, on the node, and the port's own endpoints.
pub(super) fn of(node: &Compiled, port: &ServicePort) -> Vec<Client> {
    let family = port.key.family;
    let local = node.program.masquerading.local_traffic(family);
    let mut clients = vec![
        through(outside(family), "uplink0"),
        through(guest(family), "uplink0"),
        Client {
            arrival: Arrival::Node { from: None },
        },
    ];
    let (pod, interface) = match local {
        LocalTraffic::Source(net) => (last(*net), "pods0".to_owned()),
        LocalTraffic::Interface(name) => (pod(family), name.as_str().to_owned()),
        LocalTraffic::InterfacePrefix(prefix) => (pod(family), prefix.as_str().to_owned()),
        LocalTraffic::Unknown => (pod(family), "pods0".to_owned()),
    };
    clients.push(through(pod, &interface));
    let endpoints = port.endpoints.iter().filter(|one| one.is_local());
    let pods = endpoints.filter(|one| !node.vicinity.is_local(one.address));
    clients.extend(pods.map(|one| through(one.address, &interface)));
    clients
}

fn through(from: IpAddr, interface: &str) -> Client {
    Client {
        arrival: Arrival::Interface {
            from,
            interface: Some(InterfaceName::parse(interface).unwrap()),
        },
    }
}

fn outside(family: IpFamily) -> IpAddr {
    match family {
        IpFamily::V4 => "203.0.113.250".parse().unwrap(),
        IpFamily::V6 => "2001:db8:ffff::fa".parse().unwrap(),
    }
}

/// One that the source ranges of the fixtures let in.
fn guest(family: IpFamily) -> IpAddr {
    match family {
        IpFamily::V4 => "198.51.100.9".parse().unwrap(),
        IpFamily::V6 => "2001:db8::9".parse().unwrap(),
    }
}

fn pod(family: IpFamily) -> IpAddr {
    match family {
        IpFamily::V4 => "10.244.0.250".parse().unwrap(),
        IpFamily::V6 => "fd00:244::fa".parse().unwrap(),
    }
}

fn last(net: IpNet) -> IpAddr {
    net.broadcast()
}

impl Client {
    /// The source of its packets, as the node sees them.
    pub(super) fn source(&self, node: &Compiled, to: IpAddr) -> IpAddr {
        match &self.arrival {
            Arrival::Interface { from, .. } | Arrival::Node { from: Some(from) } => *from,
            Arrival::Node { from: None } => node.vicinity.source_towards(to),
        }
    }

    /// Whether it is on the node itself.
    pub(super) fn is_node(&self) -> bool {
        matches!(self.arrival, Arrival::Node { .. })
    }

    /// Whether the node takes it for a pod of its own.
    pub(super) fn is_pod(&self, local: &LocalTraffic, source: IpAddr) -> bool {
        let interface = match &self.arrival {
            Arrival::Interface { interface, .. } => interface.as_ref(),
            Arrival::Node { .. } => None,
        };
        match local {
            LocalTraffic::Unknown => false,
            LocalTraffic::Source(net) => net.contains(&source),
            LocalTraffic::Interface(name) => interface == Some(name),
            LocalTraffic::InterfacePrefix(prefix) => {
                interface.is_some_and(|name| name.as_str().starts_with(prefix.as_str()))
            }
        }
    }
}
