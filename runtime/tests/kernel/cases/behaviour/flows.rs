//! What is asked, from where: derived from the program that every mode compiles.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use portolan_compiler::ir::{Affinity, Frontend, FrontendKind, Program, ServicePort, SourceFilter};
use portolan_compiler::model::service::TrafficPolicy;
use portolan_compiler::model::slice::EndpointState;
use portolan_compiler::model::{IpFamily, Protocol};

use super::clusters::Cluster;
use super::flow::{Asked, Endpoints, Flow, Keeps, Open, Place, Sender};
use crate::bed::{Bed, Client, Node, POD_PORT, Target, Transport};

/// A port that no Service has.
const OTHER_PORT: u16 = 81;
/// A Service with more frontends is asked at all of them together.
const MANY: usize = 8;

/// Every flow of a program's frontends, and of pods as they are.
pub(super) fn of(program: &Program, bed: &Bed, cluster: Cluster) -> Vec<Flow> {
    let mut flows = Vec::new();
    for port in &program.service_ports {
        if port.frontends.len() > MANY {
            flows.push(everywhere(program, port));
            continue;
        }
        for frontend in &port.frontends {
            let to_frontend = Deriving::new(program, port, frontend);
            for sender in cluster.senders() {
                flows.extend(to_frontend.flows(sender));
            }
        }
    }
    flows.extend(untouched(bed, &cluster.pods()));
    flows
}

/// From a client to all frontends.
fn everywhere(program: &Program, port: &ServicePort) -> Flow {
    let sender = Sender::Client(Client::One);
    let to = |frontend| {
        let flows = Deriving::new(program, port, frontend).flows(sender);
        flows.into_iter().next().expect("what the frontend offers")
    };
    let mut flows = port.frontends.iter().map(to);
    let first = flows.next().expect("there are many");
    Flow {
        also: flows.map(|flow| flow.to).collect(),
        asked: Asked::EveryFrontend,
        ..first
    }
}

/// From a pod of another node to one of this, and the other way round.
fn untouched(bed: &Bed, pods: &[(&'static str, Node)]) -> Vec<Flow> {
    let on = |node| pods.iter().find(|pod| pod.1 == node).map(|pod| pod.0);
    let (Some(here), Some(there)) = (on(Node::A), on(Node::B)) else {
        return Vec::new();
    };
    let mut flows = Vec::new();
    for family in IpFamily::ALL {
        for transport in Transport::ALL {
            for (sender, to) in [(here, there), (there, here)] {
                let address = SocketAddr::new(bed.address(to, family), POD_PORT);
                flows.push(Flow {
                    sender: Sender::Pod(sender),
                    to: Target::Port(transport, address),
                    also: Vec::new(),
                    asked: Asked::Pod,
                    place: Place::Elsewhere,
                    service: format!("pod {to}"),
                    family,
                    policy: TrafficPolicy::Cluster,
                    endpoints: Endpoints::Some,
                    keeps: Keeps::Nothing,
                    open: Open::ToEveryone,
                    backends: 1,
                });
            }
        }
    }
    flows
}

/// Derives the flows to one frontend.
struct Deriving<'a> {
    program: &'a Program,
    port: &'a ServicePort,
    frontend: &'a Frontend,
    transport: Transport,
    place: Place,
}

impl<'a> Deriving<'a> {
    fn new(program: &'a Program, port: &'a ServicePort, frontend: &'a Frontend) -> Self {
        Self {
            program,
            port,
            frontend,
            transport: transport(port.key.protocol),
            place: match frontend.kind {
                FrontendKind::ClusterIp(_) => Place::ClusterIp,
                FrontendKind::ExternalIp(_) => Place::ExternalIp,
                FrontendKind::LoadBalancer(..) => Place::LoadBalancer,
                FrontendKind::NodePort => Place::NodePort,
            },
        }
    }

    fn flows(&self, sender: Sender) -> Vec<Flow> {
        let family = self.port.key.family;
        let number = self.frontend.port.get();
        let flow = |asked, transport, address, number| {
            let address = SocketAddr::new(address, number);
            self.flow(sender, asked, Target::Port(transport, address))
        };
        let own = self.transport;
        let Some(address) = self.frontend.kind.address() else {
            let at = |asked, address| flow(asked, own, address, number);
            let mut flows = vec![
                at(Asked::Frontend, Node::A.address(family)),
                self.flow(sender, Asked::Ping, Target::Ping(Node::A.address(family))),
                at(Asked::NodePortAtSecondAddress, Node::A.gateway(family)),
            ];
            // Clients have no way to a pod's gateway, nor anyone to another's loopback.
            if matches!(sender, Sender::Client(_)) {
                flows.pop();
            }
            if sender == Sender::Node {
                flows.push(at(Asked::NodePortAtLoopback, loopback(family)));
            }
            return flows;
        };
        let mut flows = vec![flow(Asked::Frontend, own, address, number)];
        // What is not offered is the same for each transport, and for most senders.
        if matches!(sender, Sender::Pod(_)) && self.place != Place::ClusterIp {
            return flows;
        }
        let others = self.others();
        if let Some(missing) = others.missing {
            flows.push(flow(Asked::OtherTransport, missing, address, number));
        }
        if own == Transport::Tcp || others.missing.is_some() {
            flows.push(self.flow(sender, Asked::Ping, Target::Ping(address)));
            flows.push(flow(Asked::OtherPort, own, address, OTHER_PORT));
            if let Some(node_port) = others.node_port {
                flows.push(flow(Asked::NodePortThere, own, address, node_port));
            }
        }
        flows
    }

    fn others(&self) -> Others {
        let key = &self.port.key;
        let has = |transport: &Transport| {
            self.program.service_ports.iter().any(|other| {
                let same = other.key.service == key.service && other.key.family == key.family;
                same && self::transport(other.key.protocol) == *transport
            })
        };
        let mut frontends = self.port.frontends.iter();
        let node_port = frontends.find(|frontend| frontend.kind == FrontendKind::NodePort);
        Others {
            missing: Transport::ALL.into_iter().find(|one| !has(one)),
            node_port: node_port.map(|frontend| frontend.port.get()),
        }
    }

    fn flow(&self, sender: Sender, asked: Asked, to: Target) -> Flow {
        let (port, frontend) = (self.port, self.frontend);
        let from_outside = matches!(sender, Sender::Client(_));
        let external = self.place != Place::ClusterIp;
        let pool = match frontend.policy {
            TrafficPolicy::Local if from_outside || !external => &port.pools.local,
            TrafficPolicy::Local | TrafficPolicy::Cluster => &port.pools.cluster,
        };
        Flow {
            sender,
            to,
            also: Vec::new(),
            asked,
            place: self.place,
            service: port.key.service.to_string(),
            family: port.key.family,
            policy: frontend.policy,
            endpoints: endpoints(port, frontend.policy),
            keeps: match port.affinity {
                Affinity::None => Keeps::Nothing,
                Affinity::ClientIp { .. } => Keeps::Backend,
            },
            open: match &frontend.kind {
                FrontendKind::LoadBalancer(_, SourceFilter::Ranges { .. }) => Open::ToRanges,
                _ => Open::ToEveryone,
            },
            backends: pool.len(),
        }
    }
}

/// What the Service has or lacks beside the frontend.
struct Others {
    missing: Option<Transport>,
    node_port: Option<u16>,
}

fn endpoints(port: &ServicePort, policy: TrafficPolicy) -> Endpoints {
    let usable = |state| matches!(state, EndpointState::Ready | EndpointState::Draining);
    if !port.endpoints.iter().any(|one| usable(one.state)) {
        Endpoints::Nowhere
    } else if policy == TrafficPolicy::Local && port.pools.local.is_empty() {
        Endpoints::NotHere
    } else {
        Endpoints::Some
    }
}

fn transport(protocol: Protocol) -> Transport {
    match protocol {
        Protocol::Tcp => Transport::Tcp,
        Protocol::Udp => Transport::Udp,
        Protocol::Sctp => panic!("the bed does not speak SCTP"),
    }
}

fn loopback(family: IpFamily) -> IpAddr {
    match family {
        IpFamily::V4 => Ipv4Addr::LOCALHOST.into(),
        IpFamily::V6 => Ipv6Addr::LOCALHOST.into(),
    }
}
