//! Requests to IPVS, and scripts for `ipvsadm -R`.

use super::IpvsChange;
use crate::kernel::ipvs::netlink::Operation;
use crate::kernel::ipvs::{Destination, DestinationKey, VirtualServer};
use crate::kernel::text::{KeepOrigins, Text};
use crate::plan::Delta;
use crate::source::Origins;

/// Changes that are carried out together.
#[derive(Debug)]
pub(crate) enum IpvsBatch {
    /// Requests, in order.
    Requests(Vec<Operation>),
    /// A script for `ipvsadm -R`: virtual servers of kinds that portolan never makes, put back.
    Script(String),
}

/// Joins changes that follow one another, in their order.
pub(crate) fn batches(changes: &[&IpvsChange]) -> Vec<IpvsBatch> {
    let runs = changes.chunk_by(|a, b| a.is_put_back() == b.is_put_back());
    let batch = |run: &[&IpvsChange]| {
        if run.first().is_some_and(|change| change.is_put_back()) {
            return Some(IpvsBatch::Script(script(run)));
        }
        let mut operations = Vec::new();
        for change in run {
            requests(change, &mut operations);
        }
        (!operations.is_empty()).then_some(IpvsBatch::Requests(operations))
    };
    runs.filter_map(batch).collect()
}

impl IpvsChange {
    /// Whether `ipvsadm` makes it, and no request.
    pub fn is_put_back(&self) -> bool {
        matches!(
            self,
            Self::ForeignServer(_, Delta::Add(_) | Delta::Change { .. })
        )
    }
}

fn requests(change: &IpvsChange, operations: &mut Vec<Operation>) {
    match change {
        // Unknown ones have nothing to go back to.
        IpvsChange::Timeouts(delta) => {
            operations.extend(delta.after().copied().map(Operation::SetConfig));
        }
        IpvsChange::Server(_, Delta::Add(server)) => add(server, operations),
        IpvsChange::Server(_, Delta::Change { to, .. }) => {
            operations.push(Operation::SetService(to.clone()));
        }
        IpvsChange::Server(key, Delta::Remove(_)) | IpvsChange::ForeignServer(key, _) => {
            operations.push(Operation::DelService(*key));
        }
        IpvsChange::Destination(key, delta) => operations.push(of_destination(*key, delta)),
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

/// The lines of virtual servers of other kinds.
fn script(changes: &[&IpvsChange]) -> String {
    let mut text = Text::new(KeepOrigins::No);
    for change in changes {
        if let IpvsChange::ForeignServer(_, delta) = change {
            for saved in delta.after().into_iter().flatten() {
                text.line(&[], format_args!("{saved}"));
            }
        }
    }
    text.finish().0
}
