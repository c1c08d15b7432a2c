//! Requests to IPVS.

use crate::kernel::ipvs::netlink::Operation;
use crate::kernel::ipvs::{Destination, VirtualServer};
use crate::kernel::text::{KeepOrigins, Text};
use crate::plan::{Delta, DestinationKey, Subject};
use crate::source::Origins;

/// Adds the requests of a step; one about something else has none.
pub(super) fn operations(subject: &Subject, operations: &mut Vec<Operation>) {
    match subject {
        Subject::Timeouts(delta) => {
            // Unknown ones have nothing to go back to.
            operations.extend(delta.after().copied().map(Operation::SetConfig));
        }
        Subject::Server(_, Delta::Add(server)) => add(server, operations),
        Subject::Server(_, Delta::Change { to, .. }) => {
            operations.push(Operation::SetService(to.clone()));
        }
        Subject::Server(key, Delta::Remove(_)) | Subject::OtherServer(key, Delta::Remove(_)) => {
            operations.push(Operation::DelService(*key));
        }
        Subject::Destination(key, delta) => operations.push(of_destination(*key, delta)),
        _ => {}
    }
}

fn add(server: &VirtualServer, operations: &mut Vec<Operation>) {
    let new = |destination: &Destination| Operation::NewDest(server.key, destination.clone());
    operations.push(Operation::NewService(server.clone()));
    operations.extend(server.destinations.iter().map(new));
}

fn of_destination(key: DestinationKey, delta: &Delta<u32>) -> Operation {
    let weighted = |weight: u32| Destination {
        address: key.address,
        port: key.port,
        weight,
        origins: Origins::new(),
    };
    match delta {
        Delta::Add(weight) => Operation::NewDest(key.server, weighted(*weight)),
        Delta::Change { to, .. } => Operation::SetDest(key.server, weighted(*to)),
        Delta::Remove(_) => Operation::DelDest(key.server, key.address, key.port),
    }
}

/// The lines of virtual servers of other kinds, in `ipvsadm -R`'s words.
pub(super) fn script<'s>(subjects: impl Iterator<Item = &'s Subject>) -> String {
    let mut text = Text::new(KeepOrigins::No);
    for subject in subjects {
        if let Subject::OtherServer(_, delta) = subject {
            for saved in delta.after().into_iter().flatten() {
                text.line(&[], format_args!("{saved}"));
            }
        }
    }
    text.finish().0
}
