//! Who answers where by rules alone, before and after: how much of it goes. Virtual servers are
//! compared as such.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::{Comparison, Effect};
use crate::kernel::Listener;
use crate::kernel::nftables::Memory;
use crate::mode;
use crate::mode::{NodeState, Served};
use crate::model::{IpFamily, Mode, Port};
use crate::observed::Observed;
use crate::plan::{Claims, Flows, IpvsChange, NftablesChange, Subject};

/// Who is to answer, by rules alone.
#[derive(Debug, Default)]
pub(super) struct Answers(Served);

/// Who is to answer.
pub(super) fn wanted(state: &NodeState) -> Answers {
    Answers(state.served_by_rules())
}

/// Who answers by rules that are ours.
pub(super) fn found(state: &NodeState, observed: &Observed, claims: &Claims) -> Answers {
    by_modes(observed, &claims.modes().chain([state.mode()]).collect())
}

/// Who answers by rules, whoever made them.
pub(super) fn standing(observed: &Observed) -> Answers {
    by_modes(observed, &Mode::ALL.into_iter().collect())
}

fn by_modes(observed: &Observed, modes: &BTreeSet<Mode>) -> Answers {
    let mut served = Served::new();
    for family in IpFamily::ALL {
        if modes.contains(&Mode::Iptables) {
            served.extend(mode::iptables::found(family, observed.rules(family)));
        }
        let table = observed.nftables.tables[family as usize].as_ref();
        if let Some(found) = table.filter(|_| modes.contains(&Mode::Nftables)) {
            served.extend(mode::nftables::served(&found.table));
        }
    }
    Answers(served)
}

/// Clients of a table that stays forget endpoints that they would not be sent to any more.
pub(super) fn forget(state: &NodeState, observed: &Observed, comparison: &mut Comparison) {
    if state.mode() != Mode::Nftables {
        return;
    }
    for found in observed.nftables.tables.iter().flatten() {
        let family = found.table.family;
        let wanted = state.tables().iter().find(|table| table.family == family);
        let members = wanted.map(mode::nftables::members).unwrap_or_default();
        let gone: BTreeSet<(Memory, SocketAddr)> = found
            .affinity
            .iter()
            .map(|((memory, _), remembered)| (*memory, remembered.endpoint))
            .filter(|(memory, endpoint)| {
                let members = members.get(memory);
                !members.is_some_and(|members| members.contains(endpoint))
            })
            .collect();
        for (memory, endpoint) in gone {
            if let Some(port) = Port::new(endpoint.port()) {
                let subject = Subject::Nftables(NftablesChange::Affinity(
                    memory,
                    Flows::To(endpoint.ip(), port),
                ));
                comparison.step(subject, Effect::TRANSITIONAL, &[]);
            }
        }
    }
}

impl Answers {
    #[cfg(test)]
    pub(super) fn of(served: Served) -> Self {
        Self(served)
    }

    /// How many frontends.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Who may be sent where.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = (Listener, &BTreeSet<SocketAddr>)> {
        self.0.iter().map(|(at, answer)| (*at, &answer.endpoints))
    }

    /// Whether anybody answers at an address, or at the port on the node's addresses.
    pub(super) fn has(&self, listener: Listener) -> bool {
        let port = Listener::NodePort(listener.family(), listener.protocol(), listener.port());
        self.0.contains_key(&listener) || self.0.contains_key(&port)
    }
}

pub(super) fn compare(wanted: &Answers, found: &Answers, comparison: &mut Comparison) {
    let servers = servers(comparison);
    for (listener, has) in &found.0 {
        let stays = wanted.0.get(listener);
        comparison.census.present += 1;
        match stays {
            None if !servers.iter().any(|server| answers(*server, *listener)) => {
                comparison.census.removed += 1;
            }
            Some(wants) if wants.endpoints.is_empty() && !has.endpoints.is_empty() => {
                comparison.census.emptied += 1;
            }
            _ => {}
        }
    }
}

/// Virtual servers that come or stay, as listeners.
fn servers(comparison: &Comparison) -> BTreeSet<Listener> {
    let steps = comparison.steps.iter().map(|placed| &placed.step.subject);
    steps
        .filter_map(|subject| match subject {
            Subject::Ipvs(IpvsChange::Server(key, delta)) => {
                delta.after().map(|_| Listener::Address(*key))
            }
            _ => None,
        })
        .collect()
}

/// Whether what answers at the one is found at the other: a node port may be a virtual server of each
/// of the node's addresses.
fn answers(server: Listener, listener: Listener) -> bool {
    let port = |at: Listener| (at.family(), at.protocol(), at.port());
    server == listener
        || matches!(listener, Listener::NodePort(..)) && port(server) == port(listener)
}
