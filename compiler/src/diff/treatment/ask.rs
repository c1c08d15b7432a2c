//! Asks what the rules of a node do with a client.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Asked, Client, Met, Places, Told, Treatment, Whereabouts, clients};
use crate::explain::{Asks, Destination, Fate, Flow, Source, Vicinity, explain};
use crate::ir::{Frontend, FrontendKind, NodePortScope, ServicePort, SourceFilter};
use crate::model::service::TrafficPolicy;
use crate::model::{IpFamily, Mode};

/// A node, to be asked about many frontends.
pub(super) struct Questions<'a> {
    asked: Asked<'a>,
    vicinity: Vicinity,
    /// Addresses that no client has: Services', and endpoints' that no list of Services tells of, as rules
    /// alone send to them.
    taken: OnceCell<BTreeSet<IpAddr>>,
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
            taken: OnceCell::new(),
        }
    }

    /// Most nodes are asked about nothing, and look for no address that is free.
    fn taken(&self) -> &BTreeSet<IpAddr> {
        self.taken.get_or_init(|| {
            let ports = self.asked.program.service_ports.iter();
            let frontends = ports.flat_map(|port| &port.frontends);
            let services = frontends.filter_map(|one| one.kind.address());
            match self.asked.places {
                Places::Named => services.collect(),
                Places::ByPolicy => {
                    let endpoints = self.asked.state.endpoint_addresses();
                    services.chain(endpoints).collect()
                }
            }
        })
    }

    /// What each kind of client meets at a frontend.
    pub(super) fn treatments(
        &self,
        port: &ServicePort,
        frontend: &Frontend,
    ) -> BTreeMap<Client, Treatment> {
        let told = |client: &Client| match self.asked.told {
            Told::ByRules => !self.may_be_in_ranges(*client, frontend),
            // Manifests tell of the setting.
            Told::Whole => *client != Client::OtherAddress,
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
            arrival: clients::arrival(
                client,
                (self.asked.program, self.taken()),
                port,
                &frontend.kind,
            )?,
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
                Fate::Reaches(endpoint, source) => {
                    let source = if from_node {
                        Source::Masqueraded
                    } else {
                        source
                    };
                    let at = self.whereabouts(port, endpoint);
                    match at {
                        Whereabouts::Elsewhere if !returns && source == Source::Kept => {
                            Met::LostAnswer
                        }
                        Whereabouts::Unknown if !returns && source == Source::Kept => {
                            Met::AnswerUnlessElsewhere
                        }
                        at => {
                            answers.entry(source).or_default().insert(at);
                            continue;
                        }
                    }
                }
                Fate::Refused => Met::Refusal,
                Fate::Silence => Met::Silence,
                Fate::NodeItself => Met::NodeItself,
                Fate::RoutedOn(_) => Met::Beyond,
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

    /// Whether nobody knows if a client is within a load balancer's source ranges: no rule says which
    /// address the node sends from.
    fn may_be_in_ranges(&self, client: Client, frontend: &Frontend) -> bool {
        match (client, &frontend.kind) {
            (Client::Node, FrontendKind::LoadBalancer(address, SourceFilter::Ranges { .. })) => {
                self.sends_from_node(client, *address)
            }
            _ => false,
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
        if self.vicinity.is_local(socket.ip()) {
            return Whereabouts::Here;
        }
        // Of one that a node was found to have and nobody asked for, nobody knows where it is.
        let known = port.endpoints.iter().find(|one| one.socket() == socket);
        match known.filter(|_| self.places(port)) {
            Some(endpoint) if endpoint.is_local() => Whereabouts::Here,
            Some(_) => Whereabouts::Elsewhere,
            None => Whereabouts::Unknown,
        }
    }

    /// Whether it is told where the endpoints of a port are.
    fn places(&self, port: &ServicePort) -> bool {
        let has = |policy| port.frontends.iter().any(|one| one.policy == policy);
        let (cluster, local) = (&port.pools.cluster, &port.pools.local);
        match (self.asked.places, self.asked.state.mode()) {
            (Places::Named, _) => true,
            (Places::ByPolicy, Mode::Iptables | Mode::Nftables) => has(TrafficPolicy::Local),
            // Without an endpoint on the node, policy Local takes all of them there.
            (Places::ByPolicy, Mode::Ipvs) => {
                has(TrafficPolicy::Local)
                    && has(TrafficPolicy::Cluster)
                    && cluster.iter().collect::<BTreeSet<_>>() != local.iter().collect()
            }
        }
    }
}
