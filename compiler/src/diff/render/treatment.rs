//! What clients meet, in words.

use super::outline::{Line, Sign};
use crate::diff::treatment::{Client, Met, Source, Treatment, Whereabouts};

/// `clients outside: answered -> silence`.
pub(super) fn line(
    clients: &[Client],
    from: &Treatment,
    to: &Treatment,
    sign: Sign,
    at: &str,
) -> Line {
    let who: Vec<&str> = clients.iter().map(|client| self::client(*client)).collect();
    let (from, to) = (said(from, to), said(to, from));
    Line::new(sign, format!("{}: {from} -> {to}{at}", who.join(", ")))
}

fn client(client: Client) -> &'static str {
    match client {
        Client::Outside => "clients outside",
        Client::Barred => "senders outside the source ranges",
        Client::Pod => "pods",
        Client::Node => "the node itself",
        Client::Loopback => "the node at 127.0.0.1",
        Client::OtherAddress => "clients outside at another address of the node",
    }
}

/// What is met, as far as it is not what is met on the other side.
fn said(treatment: &Treatment, other: &Treatment) -> String {
    let said: Vec<String> = treatment.iter().map(|met| self::met(met, other)).collect();
    said.join(" or ")
}

fn met(met: &Met, other: &Treatment) -> String {
    match met {
        Met::Answer { by, sees } => {
            let others = || {
                other.iter().filter_map(|met| match met {
                    Met::Answer { by, sees } => Some((by, sees)),
                    _ => None,
                })
            };
            let mut said = match (by.len(), by.first()) {
                _ if others().all(|(other, _)| other == by) => "answered",
                (1, Some(Whereabouts::Here)) => "answered by endpoints on the node",
                (1, Some(Whereabouts::Elsewhere)) => "answered by endpoints on other nodes",
                _ => "answered by every endpoint",
            }
            .to_owned();
            let kept = other.contains(&Met::AnswerUnlessElsewhere) && *sees != Source::Kept;
            if kept || !others().all(|(_, other)| other == sees) {
                said.push_str(match sees {
                    Source::Kept => ", seen by the sender's address",
                    Source::Masqueraded => ", seen by the node's address",
                });
            }
            said
        }
        Met::LostAnswer => "sent to other nodes, and the answer is lost".to_owned(),
        Met::AnswerUnlessElsewhere => {
            "answered, seen by the sender's address, unless the endpoint is on another node"
                .to_owned()
        }
        Met::Refusal => "refused".to_owned(),
        Met::Silence => "silence".to_owned(),
        Met::NodeItself => "left to the node itself".to_owned(),
        Met::Beyond => "routed on".to_owned(),
    }
}

/// What is met, for programs.
pub(super) fn word(met: &Met) -> &'static str {
    match met {
        Met::Answer { .. } => "answer",
        Met::LostAnswer => "lostAnswer",
        Met::AnswerUnlessElsewhere => "answerUnlessElsewhere",
        Met::Refusal => "refusal",
        Met::Silence => "silence",
        Met::NodeItself => "nodeItself",
        Met::Beyond => "beyond",
    }
}

/// Who meets it, for programs.
pub(super) fn client_word(client: Client) -> &'static str {
    match client {
        Client::Outside => "outside",
        Client::Barred => "outsideSourceRanges",
        Client::Pod => "pod",
        Client::Node => "node",
        Client::Loopback => "loopback",
        Client::OtherAddress => "outsideAtOtherAddress",
    }
}

/// Where endpoints are, for programs.
pub(super) fn whereabouts_word(whereabouts: Whereabouts) -> &'static str {
    match whereabouts {
        Whereabouts::Here => "here",
        Whereabouts::Elsewhere => "elsewhere",
        Whereabouts::Unknown => "unknown",
    }
}
