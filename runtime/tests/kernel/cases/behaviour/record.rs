//! Asks everything, and notes what becomes of it.

use std::collections::BTreeSet;

use super::flow::{Asked, Flow, Keeps, Sender};
use crate::bed::{Bed, Client, Node, Outcome, Outcomes, Peer, Sample, Target};

/// How often a pod is asked that has to be there.
const TRIES: usize = 4;
/// Stands for the backend that a client keeps, which is drawn by lot.
const KEPT: &str = "always one";

/// Has neighbours find each other, which may take long where many begin at once.
pub(super) fn paths_are_known(bed: &Bed, flows: &[Flow]) {
    for flow in flows.iter().filter(|flow| flow.asked == Asked::Pod) {
        let mut answers = (0..TRIES).map(|_| sender(bed, flow.sender).ask(flow.to));
        assert!(
            answers.any(|outcome| answering(&outcome).is_some()),
            "{flow}"
        );
    }
}

/// What became of each flow, in their order. All senders ask at the same time.
pub(super) fn record(bed: &Bed, flows: &[Flow]) -> Vec<Outcomes> {
    make_known(bed, flows);
    let mut peers: Vec<&Peer> = vec![bed.node()];
    peers.extend(Client::ALL.map(|client| bed.client(client)));
    peers.extend(bed.pod_names().iter().map(|name| bed.pod(name)));
    let of = |peer: &Peer| -> Vec<usize> {
        let asks =
            |flow: &Flow| flow.also.is_empty() && std::ptr::eq(sender(bed, flow.sender), peer);
        (0..flows.len())
            .filter(|number| asks(&flows[*number]))
            .collect()
    };
    let asked: Vec<(&Peer, Vec<usize>)> = peers.into_iter().map(|peer| (peer, of(peer))).collect();
    for (peer, numbers) in &asked {
        let samples: Vec<Sample> = numbers
            .iter()
            .map(|number| flows[*number].sample())
            .collect();
        peer.begin_samples(&samples);
    }
    let mut recorded = vec![Outcomes::new(); flows.len()];
    for (peer, numbers) in asked {
        for (number, outcomes) in numbers.into_iter().zip(peer.samples()) {
            recorded[number] = outcomes;
        }
    }
    for (flow, recorded) in flows.iter().zip(&mut recorded) {
        if !flow.also.is_empty() {
            *recorded = everywhere(bed, flow);
        }
    }
    recorded
}

/// Has Services that keep their clients know who is going to ask: who asks first in several places
/// at the same time may get several backends.
fn make_known(bed: &Bed, flows: &[Flow]) {
    let kept = |flow: &&Flow| (flow.keeps, flow.asked) == (Keeps::Backend, Asked::Frontend);
    for flow in flows.iter().filter(kept) {
        sender(bed, flow.sender).ask(flow.to);
    }
}

/// One after the other: who asks twice at the same time is not known yet.
fn everywhere(bed: &Bed, flow: &Flow) -> Outcomes {
    let all: Vec<Target> = [flow.to].iter().chain(&flow.also).copied().collect();
    // So that those which take turns are not all at the same one.
    for to in all.iter().step_by(2) {
        bed.client(Client::Other).ask(*to);
    }
    let sender = sender(bed, flow.sender);
    all.into_iter().map(|to| sender.ask(to)).collect()
}

fn sender(bed: &Bed, sender: Sender) -> &Peer {
    match sender {
        Sender::Client(client) => bed.client(client),
        Sender::Pod(name) => bed.pod(name),
        Sender::Node => bed.node(),
    }
}

/// The one backend that answers a client who keeps it.
pub(super) fn kept<'a>(flow: &Flow, outcomes: &'a Outcomes) -> Option<&'a str> {
    let backends: BTreeSet<&str> = outcomes.iter().filter_map(answering).collect();
    match flow.keeps {
        Keeps::Backend if backends.len() == 1 => backends.first().copied(),
        Keeps::Backend | Keeps::Nothing => None,
    }
}

/// Without what is drawn by lot: which backend it is that a client keeps, and with it which of its own
/// addresses the node has on the way there.
pub(super) fn comparable(flow: &Flow, outcomes: &Outcomes) -> Outcomes {
    if kept(flow, outcomes).is_none() {
        return outcomes.clone();
    }
    let (own, gateway) = (Node::A.address(flow.family), Node::A.gateway(flow.family));
    let named = |outcome: &Outcome| match outcome {
        Outcome::Answer { source_seen, .. } => Outcome::Answer {
            backend: KEPT.to_owned(),
            source_seen: match *source_seen {
                seen if seen == gateway => own,
                seen => seen,
            },
        },
        other => other.clone(),
    };
    outcomes.iter().map(named).collect()
}

/// Who answered, if anybody.
pub(super) fn answering(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Answer { backend, .. } => Some(backend),
        _ => None,
    }
}
