//! Virtual servers and destinations.

use super::{Comparison, merge};
use crate::back::ipvs::{Destination, NodeState, VirtualServer, VirtualServerKey};
use crate::model::Protocol;
use crate::observed::Observed;
use crate::plan::{Delta, DestinationKey, Durability, Interruption, Ownership, Subject};
use crate::source::Origin;

pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    ownership: &Ownership,
    comparison: &mut Comparison,
) {
    let mut found: Vec<&VirtualServer> = observed.virtual_servers.servers.iter().collect();
    found.sort_by_key(|server| server.key);
    merge(
        &state.virtual_servers,
        |s| s.key,
        &found,
        |s| s.key,
        |wants, has| match (wants, has) {
            (Some(wants), Some(has)) => both(wants, has, comparison),
            (Some(wants), None) => {
                let delta = Delta::Add(bare(wants));
                comparison.step(Subject::Server(wants.key, delta), &wants.origins);
            }
            (None, Some(has)) if ownership.owns_server(&has.key) => remove(has, comparison),
            (None, Some(has)) => {
                comparison
                    .left_alone
                    .push(format!("virtual server {}", has.key));
            }
            (None, None) => {}
        },
    );
    for foreign in &observed.virtual_servers.foreign {
        let line = foreign.lines.first().map_or("", |line| line);
        comparison.left_alone.push(format!("virtual server {line}"));
    }
}

/// Without origins, which a node does not know.
fn bare(server: &VirtualServer) -> VirtualServer {
    VirtualServer {
        origins: Vec::new(),
        destinations: server
            .destinations
            .iter()
            .map(|destination| Destination {
                origins: Vec::new(),
                ..destination.clone()
            })
            .collect(),
        ..server.clone()
    }
}

/// Without destinations, which stay as they are.
fn settings(server: &VirtualServer) -> VirtualServer {
    VirtualServer {
        origins: Vec::new(),
        destinations: Vec::new(),
        ..server.clone()
    }
}

fn both(wants: &VirtualServer, has: &VirtualServer, comparison: &mut Comparison) {
    if (wants.scheduler, wants.persistence) != (has.scheduler, has.persistence) {
        let delta = Delta::Change {
            from: settings(has),
            to: settings(wants),
        };
        comparison.step(Subject::Server(wants.key, delta), &wants.origins);
    }
    let key = |d: &Destination| (d.address, d.port);
    merge(
        &wants.destinations,
        key,
        &has.destinations,
        key,
        |wants_one, has_one| match (wants_one, has_one) {
            (Some(to), Some(from)) if to.weight != from.weight => {
                let delta = Delta::Change {
                    from: from.weight,
                    to: to.weight,
                };
                destination(wants.key, to, delta, comparison, &to.origins);
            }
            (Some(to), None) => {
                destination(
                    wants.key,
                    to,
                    Delta::Add(to.weight),
                    comparison,
                    &to.origins,
                );
            }
            (None, Some(from)) => {
                let weight = drain(wants.key, from, comparison);
                destination(
                    wants.key,
                    from,
                    Delta::Remove(weight),
                    comparison,
                    &wants.origins,
                );
            }
            _ => {}
        },
    );
}

fn remove(has: &VirtualServer, comparison: &mut Comparison) {
    let mut drained = bare(has);
    for destination in &mut drained.destinations {
        destination.weight = drain(has.key, destination, comparison);
    }
    let interruption = if has.destinations.is_empty() {
        Interruption::None
    } else {
        Interruption::Connections(has.key.protocol)
    };
    let subject = Subject::Server(has.key, Delta::Remove(drained));
    comparison.push(subject, interruption, Durability::Lasting, &[]);
}

/// TCP connections are given time: the destination takes no new ones before it goes. UDP has none
/// to wait for. Gives the weight that the destination has when it goes.
fn drain(server: VirtualServerKey, has: &Destination, comparison: &mut Comparison) -> u32 {
    if server.protocol != Protocol::Tcp || has.weight == 0 {
        return has.weight;
    }
    let key = DestinationKey {
        server,
        address: has.address,
        port: has.port,
    };
    let subject = Subject::Destination(
        key,
        Delta::Change {
            from: has.weight,
            to: 0,
        },
    );
    comparison.push(subject, Interruption::None, Durability::Transitional, &[]);
    0
}

fn destination(
    server: VirtualServerKey,
    destination: &Destination,
    delta: Delta<u32>,
    comparison: &mut Comparison,
    origins: &[Origin],
) {
    let key = DestinationKey {
        server,
        address: destination.address,
        port: destination.port,
    };
    let interruption = match delta {
        Delta::Remove(_) => Interruption::Connections(server.protocol),
        Delta::Add(_) | Delta::Change { .. } => Interruption::None,
    };
    comparison.push(
        Subject::Destination(key, delta),
        interruption,
        Durability::Lasting,
        origins,
    );
}
