//! Asks what the rules of a node do with a client.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Asked, Asking, Client, Met, Told, Treatment, Whereabouts, clients};
use crate::explain::{Asks, Destination, Flow, Outcome, Source, Vicinity, explain};
use crate::ir::{Frontend, FrontendKind, NodePortScope, ServicePort};
use crate::model::IpFamily;

/// A node, to be asked about many frontends.
pub(super) struct Questions<'a> {
    asked: Asked<'a>,
    vicinity: Vicinity,
}

const CLIENTS: [Client; 6] = [
    Client::Outside,
    Client::Barred,
    Client::Pod,
    Client::Node,
    Client::Loopback,
    Client::OtherAddress,
];

impl<'a> Questions<'a> {
    pub(super) fn new(asked: Asked<'a>) -> Self {
        Self {
            asked,
            vicinity: Vicinity::of(asked.program, asked.state),
        }
    }

    /// What each kind of client meets at a frontend.
    pub(super) fn treatments(
        &self,
        port: &ServicePort,
        frontend: &Frontend,
    ) -> BTreeMap<Client, Treatment> {
        let told = |client: &Client| match (self.asked.told, client) {
            (Told::WithoutPods, client) => *client != Client::Pod,
            // Manifests tell of the setting.
            (Told::Whole, client) => *client != Client::OtherAddress,
        };
        let all = CLIENTS.into_iter().filter(told);
        all.filter_map(|client| Some((client, self.treatment(client, port, frontend)?)))
            .collect()
    }

    fn treatment(
        &self,
        client: Client,
        port: &ServicePort,
        frontend: &Frontend,
    ) -> Option<Treatment> {
        let address = self.destination(client, port, frontend)?;
        let flow = Flow {
            arrival: clients::arrival(client, self.asked.program, port, &frontend.kind)?,
            to: Destination {
                address,
                asks: Asks::Port(port.key.protocol, frontend.port),
            },
        };
        let from_node = self.sends_from_node(client, address);
        let returns = client == Client::Pod || from_node;
        // A compiled state holds together.
        let explanation = explain(self.asked.state, &self.vicinity, &flow).ok()?;
        let mut treatment = Treatment::new();
        let mut answers: BTreeMap<Source, BTreeSet<Whereabouts>> = BTreeMap::new();
        for outcome in explanation.prediction().outcomes {
            treatment.insert(match outcome {
                Outcome::Reaches(endpoint, source) => {
                    let source = if from_node {
                        Source::Masqueraded
                    } else {
                        source
                    };
                    let at = self.whereabouts(port, endpoint);
                    if !returns && source == Source::Kept && at == Whereabouts::Elsewhere {
                        Met::LostAnswer
                    } else {
                        answers.entry(source).or_default().insert(at);
                        continue;
                    }
                }
                Outcome::Refused => Met::Refusal,
                Outcome::Silence => Met::Silence,
                Outcome::NodeItself => Met::NodeItself,
                Outcome::RoutedOn(_) => Met::Beyond,
            });
        }
        let answers = answers.into_iter();
        treatment.extend(answers.map(|(sees, by)| Met::Answer { by, sees }));
        Some(treatment)
    }

    /// Whether a client sends from one of the node's own addresses: an endpoint sees the node's address
    /// then, masqueraded or not, and what it answers comes back by this node, which alone knows whom
    /// the client asked.
    fn sends_from_node(&self, client: Client, asked: IpAddr) -> bool {
        match client {
            Client::Outside | Client::Barred | Client::Pod | Client::OtherAddress => false,
            // It sends from a Service's address to that, where mode ipvs has bound it.
            Client::Node | Client::Loopback => {
                let own = &self.asked.program.node.addresses;
                own.contains(&self.vicinity.source_towards(asked))
            }
        }
    }

    /// The address that a client asks; `None` where the frontend has none for it.
    fn destination(
        &self,
        client: Client,
        port: &ServicePort,
        frontend: &Frontend,
    ) -> Option<IpAddr> {
        let node_port = frontend.kind == FrontendKind::NodePort;
        if client == Client::Loopback {
            let asked = node_port && port.key.family == IpFamily::V4;
            return asked.then_some(Ipv4Addr::LOCALHOST.into());
        }
        let (node, family) = (&self.asked.program.node, port.key.family);
        if client == Client::OtherAddress {
            let primary = node.primary_address(family)?;
            let mut own = node.addresses.iter().copied();
            let other = |one: &IpAddr| IpFamily::of(*one) == family && *one != primary;
            return own.find(other).filter(|_| node_port);
        }
        if !node_port {
            return frontend.kind.address();
        }
        match node.node_port_scope(family) {
            NodePortScope::Default | NodePortScope::All => node.primary_address(family),
            NodePortScope::Ranges(ranges) => {
                let own = node.addresses.iter().copied();
                let mut own = own.filter(|address| IpFamily::of(*address) == family);
                own.find(|address| ranges.contains(*address))
            }
        }
    }

    fn whereabouts(&self, port: &ServicePort, socket: SocketAddr) -> Whereabouts {
        let known = port.endpoints.iter().find(|one| one.socket() == socket);
        let here = match known {
            Some(endpoint) => endpoint.is_local(),
            // One that a node was found to have: nobody knows where it is, and no claim is made of that.
            None => self.asked.asking == Asking::Frontends,
        };
        if here || self.vicinity.is_local(socket.ip()) {
            Whereabouts::Here
        } else {
            Whereabouts::Elsewhere
        }
    }
}
