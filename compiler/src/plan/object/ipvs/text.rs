//! Virtual servers and destinations for people.

use super::IpvsChange;
use crate::english::count;
use crate::kernel::ipvs::{Persistence, VirtualServer};
use crate::plan::Delta;
use crate::plan::render::set_in_place;

pub(super) fn line(change: &IpvsChange) -> (&'static str, String) {
    match change {
        IpvsChange::Timeouts(delta) => ("timeouts", set_in_place("IPVS timeouts", delta)),
        IpvsChange::Server(key, delta) => (
            "virtual server",
            match delta {
                Delta::Change { from, to } => {
                    format!("virtual server {key}: {}", differences(from, to))
                }
                Delta::Add(server) | Delta::Remove(server) => {
                    format!("virtual server {key}, {}", description(server))
                }
            },
        ),
        IpvsChange::ForeignServer(key, _) => (
            "virtual server",
            format!("virtual server {key}, which is of another kind"),
        ),
        IpvsChange::Destination(key, delta) => (
            "destination",
            match delta {
                Delta::Add(weight) => format!("destination {key}, weight {weight}"),
                Delta::Change { from, to } => format!("destination {key}, weight {from} -> {to}"),
                Delta::Remove(_) => format!("destination {key}"),
            },
        ),
    }
}

fn affinity(persistence: Persistence) -> String {
    match persistence {
        Persistence::None => "none".to_owned(),
        Persistence::Timeout(seconds) => format!("{seconds} s"),
    }
}

fn description(server: &VirtualServer) -> String {
    let destinations = count(server.destinations.len(), "destination");
    match server.persistence {
        Persistence::None => format!("{}, {destinations}", server.scheduler),
        persistence @ Persistence::Timeout(_) => {
            let affinity = affinity(persistence);
            format!("{}, affinity {affinity}, {destinations}", server.scheduler)
        }
    }
}

fn differences(from: &VirtualServer, to: &VirtualServer) -> String {
    let mut parts = Vec::new();
    if from.scheduler != to.scheduler {
        parts.push(format!("scheduler {} -> {}", from.scheduler, to.scheduler));
    }
    if from.persistence != to.persistence {
        let (from, to) = (affinity(from.persistence), affinity(to.persistence));
        parts.push(format!("affinity {from} -> {to}"));
    }
    parts.join(", ")
}
