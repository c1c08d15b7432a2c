//! Holds what became of the flows against what `explain` reads off the compiled rules.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;

use portolan_compiler::explain;
use portolan_compiler::explain::render::Page;
use portolan_compiler::explain::{
    Arrival, Asks, Destination, Explanation, Source, Vicinity, explain, render,
};
use portolan_compiler::model::name::{InterfaceName, NodeName};
use portolan_compiler::model::{IpFamily, Mode, Port, Protocol};

use super::compare::Shown;
use super::flow::{Flow, Sender};
use super::record;
use crate::bed::{Bed, Compiled, Node, Outcome, Outcomes, Target, Transport};

/// What is compiled for the node, beside the network around it.
#[derive(Debug)]
pub(super) struct Predicting<'a> {
    mode: Mode,
    bed: &'a Bed,
    compiled: &'a Compiled,
    vicinity: Vicinity,
}

impl<'a> Predicting<'a> {
    pub(super) fn new(mode: Mode, bed: &'a Bed, compiled: &'a Compiled) -> Self {
        Self {
            mode,
            bed,
            compiled,
            vicinity: Vicinity::of(&compiled.program, &compiled.state),
        }
    }

    /// Every flow came to all that may become of it and to nothing else; where a client stays with a
    /// backend, to all that may become of it there.
    pub(super) fn hold_against(&self, flows: &[Flow], recorded: &[Outcomes]) {
        let mut report = String::new();
        for (flow, found) in flows.iter().zip(recorded) {
            let explanations = self.explanations(flow);
            let expected = self.expected(flow, &explanations, found);
            if expected != *found {
                let _ = write!(
                    report,
                    "{flow}\n    found: {}\n    explained: {}\n",
                    Shown(found),
                    Shown(&expected)
                );
                for explanation in &explanations {
                    report.push_str(&page(explanation));
                }
            }
        }
        assert!(
            report.is_empty(),
            "mode {} is not what is explained:\n{report}",
            self.mode.as_str()
        );
    }

    /// One of each place that is asked.
    fn explanations(&self, flow: &Flow) -> Vec<Explanation> {
        let all = [flow.to].into_iter().chain(flow.also.iter().copied());
        all.map(|to| self.explanation(flow, to)).collect()
    }

    fn explanation(&self, flow: &Flow, to: Target) -> Explanation {
        let through = |name: &str| Some(InterfaceName::parse(name).unwrap());
        let (from, interface) = match flow.sender {
            Sender::Client(client) => (client.address(flow.family), through("eth0")),
            Sender::Pod(name) => {
                let from = self.bed.address(name, flow.family);
                let there = self.bed.pod_at(from).map(|(_, node)| node);
                let interface = match there {
                    Some(Node::A) => through(&format!("veth-{name}")),
                    Some(Node::B) | None => through("eth0"),
                };
                (from, interface)
            }
            Sender::Node => return self.explained(Arrival::Node { from: None }, to),
        };
        self.explained(Arrival::Interface { from, interface }, to)
    }

    fn explained(&self, arrival: Arrival, to: Target) -> Explanation {
        let flow = explain::Flow {
            arrival,
            to: destination(to),
        };
        explain(&self.compiled.state, &self.vicinity, &flow).unwrap()
    }

    fn expected(&self, flow: &Flow, explanations: &[Explanation], found: &Outcomes) -> Outcomes {
        let seen = |explanation: &Explanation| -> Vec<Outcome> {
            let outcomes = explanation.prediction().outcomes.into_iter();
            outcomes
                .map(|one| self.seen(flow, explanation, one))
                .collect()
        };
        let all = explanations.iter().flat_map(seen);
        match record::kept(flow, found) {
            Some(kept) => all
                .filter(|one| record::answering(one) == Some(kept))
                .collect(),
            None => all.collect(),
        }
    }

    /// What the sender and the backend notice of an outcome, in the bed's network.
    fn seen(&self, flow: &Flow, explanation: &Explanation, outcome: explain::Fate) -> Outcome {
        let to = explanation.flow.to;
        match outcome {
            explain::Fate::Reaches(endpoint, source) => {
                self.answer(flow, to.address, endpoint.ip(), source)
            }
            explain::Fate::NodeItself if to.asks == Asks::Echo => Outcome::Echo,
            // Nothing on node-a listens at what is asked for.
            explain::Fate::Refused | explain::Fate::NodeItself => Outcome::Refused,
            explain::Fate::Silence => Outcome::Silence,
            explain::Fate::RoutedOn(source) => self.answer(flow, to.address, to.address, source),
        }
    }

    /// What comes back from where a packet was sent.
    fn answer(&self, flow: &Flow, asked: IpAddr, to: IpAddr, source: Source) -> Outcome {
        let Some((backend, node)) = self.bed.pod_at(to) else {
            return Outcome::Unclaimed;
        };
        let source_seen = match source {
            Source::Kept => self.sender_address(flow, asked),
            Source::Masqueraded => match node {
                Node::A => Node::A.gateway(flow.family),
                Node::B => Node::A.address(flow.family),
            },
        };
        if node == Node::B && asked != to && !self.is_behind_node_a(source_seen) {
            return Outcome::Silence;
        }
        if matches!(flow.to, Target::Ping(_)) {
            return Outcome::Echo;
        }
        Outcome::Answer {
            backend: backend.to_owned(),
            source_seen,
        }
    }

    /// The address that the sender uses by itself.
    fn sender_address(&self, flow: &Flow, asked: IpAddr) -> IpAddr {
        match flow.sender {
            Sender::Client(client) => client.address(flow.family),
            Sender::Pod(name) => self.bed.address(name, flow.family),
            Sender::Node => self.vicinity.source_towards(asked),
        }
    }

    /// Whether answers of the other node's pods to this address come by node-a.
    fn is_behind_node_a(&self, address: IpAddr) -> bool {
        let family = IpFamily::of(address);
        let pod = self.bed.pod_at(address).map(|(_, node)| node);
        let own = [Node::A.address(family), Node::A.gateway(family)];
        own.contains(&address) || pod == Some(Node::A)
    }
}

fn page(explanation: &Explanation) -> String {
    render::human(&Page {
        node: &NodeName::parse(Node::A.name()).unwrap(),
        explanation,
        lost: &BTreeSet::new(),
        manifests: None,
    })
}

fn destination(to: Target) -> Destination {
    let asks = match to {
        Target::Port(transport, address) => {
            let protocol = match transport {
                Transport::Tcp => Protocol::Tcp,
                Transport::Udp => Protocol::Udp,
            };
            Asks::Port(protocol, Port::new(address.port()).unwrap())
        }
        Target::Ping(_) => Asks::Echo,
    };
    let address = to.ip();
    Destination { address, asks }
}
