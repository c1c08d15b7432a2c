//! Timeouts, virtual servers and destinations.

use super::answers::Answers;
use super::{Comparison, Effect, merge};
use crate::kernel::Listener;
use crate::kernel::ipvs::{Destination, VirtualServer};
use crate::mode::NodeState;
use crate::model::{Protocol, Timeouts, TransportAddress};
use crate::observed::Observed;
use crate::plan::order::Rank;
use crate::plan::{Claims, Delta, DestinationKey, Interruption, IpvsChange, LeftAlone, Subject};
use crate::source::{Origin, Origins};

pub(super) fn compare_timeouts(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    comparison: &mut Comparison,
) {
    let Some(wanted) = state.timeouts().or(claims.found.timeouts) else {
        return;
    };
    // 0 asks for nothing: the kernel keeps what it has.
    let keep = |wanted, has| if wanted == 0 { has } else { wanted };
    let to = observed.timeouts.map_or(wanted, |has| Timeouts {
        tcp: keep(wanted.tcp, has.tcp),
        tcp_fin: keep(wanted.tcp_fin, has.tcp_fin),
        udp: keep(wanted.udp, has.udp),
    });
    if let Some(delta) = Delta::between(observed.timeouts, Some(to)) {
        let change = IpvsChange::Timeouts(delta);
        comparison.step(change.into(), Effect::PLAIN, &[]);
    }
}

pub(super) fn compare_servers(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    answers: &Answers,
    comparison: &mut Comparison,
) {
    others(state, observed, claims, comparison);
    let mut found: Vec<&VirtualServer> = observed.ipvs.servers.iter().collect();
    found.sort_by_key(|server| server.key);
    let mut servers = Servers {
        claims,
        answers,
        comparison,
    };
    merge(
        state.virtual_servers(),
        |s| s.key,
        &found,
        |s| s.key,
        |wants, has| match (wants, has) {
            (Some(wants), Some(has)) => servers.both(wants, has),
            (Some(wants), None) => servers.add(wants),
            (None, Some(has)) if claims.owns_server(&has.key) => servers.remove(has),
            (None, Some(has)) => servers
                .comparison
                .left_alone
                .push(LeftAlone::Server(has.key)),
            (None, None) => {}
        },
    );
}

/// Virtual servers of other kinds: they go where one of ours is to stand, or where all is claimed.
fn others(state: &NodeState, observed: &Observed, claims: &Claims, comparison: &mut Comparison) {
    for other in &observed.ipvs.foreign {
        let wanted = |key: &TransportAddress| {
            state
                .virtual_servers()
                .binary_search_by(|server| server.key.cmp(key))
                .is_ok()
        };
        let rank = match &other.key {
            Some(key) if wanted(key) => Rank::ForeignServers,
            Some(key) if claims.owns_server(key) => Rank::OldServers,
            _ => {
                let line = other.lines.first().cloned().unwrap_or_default();
                comparison.left_alone.push(LeftAlone::ForeignServer(line));
                continue;
            }
        };
        let Some(key) = other.key else { continue };
        let subject = Subject::Ipvs(IpvsChange::ForeignServer(
            key,
            Delta::Remove(other.lines.clone()),
        ));
        let effect = Effect::interrupting(connections(key.protocol));
        comparison.step_at(rank, subject, effect, &[]);
    }
}

fn connections(protocol: Protocol) -> Interruption {
    Interruption::Connections {
        protocol,
        count: None,
    }
}

struct Servers<'a> {
    claims: &'a Claims,
    /// Who answers without virtual servers.
    answers: &'a Answers,
    comparison: &'a mut Comparison,
}

impl Servers<'_> {
    fn add(&mut self, wants: &VirtualServer) {
        let subject = Subject::Ipvs(IpvsChange::Server(wants.key, Delta::Add(bare(wants))));
        self.comparison.step(subject, Effect::PLAIN, &wants.origins);
    }

    fn both(&mut self, wants: &VirtualServer, has: &VirtualServer) {
        self.comparison.census.present += 1;
        if wants.destinations.is_empty() && !has.destinations.is_empty() {
            self.comparison.census.emptied += 1;
        }
        if (wants.scheduler, wants.persistence) != (has.scheduler, has.persistence) {
            let delta = Delta::Change {
                from: settings(has),
                to: settings(wants),
            };
            let subject = Subject::Ipvs(IpvsChange::Server(wants.key, delta));
            self.comparison.step(subject, Effect::PLAIN, &wants.origins);
        }
        let key = |d: &Destination| (d.address, d.port);
        merge(
            &wants.destinations,
            key,
            &has.destinations,
            key,
            |to, from| match (to, from) {
                (Some(to), Some(from)) if to.weight != from.weight => {
                    let delta = Delta::Change {
                        from: from.weight,
                        to: to.weight,
                    };
                    self.destination(wants.key, to, delta, &to.origins);
                }
                (Some(to), None) => {
                    self.destination(wants.key, to, Delta::Add(to.weight), &to.origins);
                }
                (None, Some(from)) => self.give_up(wants, from),
                _ => {}
            },
        );
    }

    /// A destination goes from a virtual server that stays.
    fn give_up(&mut self, server: &VirtualServer, has: &Destination) {
        let key = destination_key(server.key, has);
        if has.weight == 0 && self.claims.drains(&key) {
            self.comparison.left_alone.push(LeftAlone::Draining(key));
            return;
        }
        let weight = self.drain(server.key, has, &server.origins);
        self.destination(server.key, has, Delta::Remove(weight), &server.origins);
    }

    fn remove(&mut self, has: &VirtualServer) {
        self.comparison.census.present += 1;
        if !self.answers.has(Listener::Address(has.key)) {
            self.comparison.census.removed += 1;
        }
        let mut drained = bare(has);
        for destination in &mut drained.destinations {
            destination.weight = self.drain(has.key, destination, &[]);
        }
        let effect = if has.destinations.is_empty() {
            Effect::PLAIN
        } else {
            Effect::interrupting(connections(has.key.protocol))
        };
        let subject = Subject::Ipvs(IpvsChange::Server(has.key, Delta::Remove(drained)));
        self.comparison.step(subject, effect, &[]);
    }

    /// The destination takes no new connections before it goes, and an apply may give those it has
    /// time. Gives the weight that it has when it goes.
    fn drain(&mut self, server: TransportAddress, has: &Destination, origins: &[Origin]) -> u32 {
        if has.weight > 0 {
            let delta = Delta::Change {
                from: has.weight,
                to: 0,
            };
            let subject =
                Subject::Ipvs(IpvsChange::Destination(destination_key(server, has), delta));
            self.comparison.step(subject, Effect::TRANSITIONAL, origins);
        }
        0
    }

    fn destination(
        &mut self,
        server: TransportAddress,
        destination: &Destination,
        delta: Delta<u32>,
        origins: &[Origin],
    ) {
        let effect = match delta {
            Delta::Remove(_) => Effect::interrupting(connections(server.protocol)),
            Delta::Add(_) | Delta::Change { .. } => Effect::PLAIN,
        };
        let subject = Subject::Ipvs(IpvsChange::Destination(
            destination_key(server, destination),
            delta,
        ));
        self.comparison.step(subject, effect, origins);
    }
}

fn destination_key(server: TransportAddress, destination: &Destination) -> DestinationKey {
    DestinationKey {
        server,
        address: destination.address,
        port: destination.port,
    }
}

/// Without origins, which a node does not know.
fn bare(server: &VirtualServer) -> VirtualServer {
    VirtualServer {
        origins: Origins::new(),
        destinations: server
            .destinations
            .iter()
            .map(|destination| Destination {
                origins: Origins::new(),
                ..destination.clone()
            })
            .collect(),
        ..server.clone()
    }
}

/// Without destinations, which stay as they are.
fn settings(server: &VirtualServer) -> VirtualServer {
    VirtualServer {
        origins: Origins::new(),
        destinations: Vec::new(),
        ..server.clone()
    }
}
