//! Virtual servers and destinations on a node.

use super::IpvsChange;
use crate::kernel::ipvs::{DestinationKey, VirtualServer};
use crate::model::TransportAddress;
use crate::plan::object::reading::{Reading, StepState, anew, known, values, way};
use crate::plan::{Delta, End, Lines};

pub(super) fn step_state(change: &IpvsChange, node: &Reading<'_>) -> StepState {
    match change {
        IpvsChange::Timeouts(delta) => known(values(node.now.timeouts.as_ref(), delta), delta),
        IpvsChange::Server(key, delta) => node.server(*key, delta),
        IpvsChange::ForeignServer(key, delta) => values(node.foreign_server(*key).as_ref(), delta),
        IpvsChange::Destination(key, delta) => node.destination(key, delta),
    }
}

pub(super) fn towards(change: &IpvsChange, node: &Reading<'_>, end: End) -> Vec<IpvsChange> {
    match change {
        IpvsChange::Timeouts(delta) => {
            let way = way(node.now.timeouts, delta, end);
            way.map(IpvsChange::Timeouts).into_iter().collect()
        }
        IpvsChange::Server(key, delta) => {
            let has = node.servers.get(key).map(|has| (*has).clone());
            let ways = anew(has, delta, end).into_iter();
            ways.map(|delta| IpvsChange::Server(*key, delta)).collect()
        }
        IpvsChange::ForeignServer(key, delta) => {
            let ways = anew(node.foreign_server(*key), delta, end).into_iter();
            ways.map(|delta| IpvsChange::ForeignServer(*key, delta))
                .collect()
        }
        IpvsChange::Destination(key, delta) => {
            let way = way(node.weight(key), delta, end);
            let change = way.map(|delta| IpvsChange::Destination(*key, delta));
            change.into_iter().collect()
        }
    }
}

impl Reading<'_> {
    fn server(&self, key: TransportAddress, delta: &Delta<VirtualServer>) -> StepState {
        let settings = |a: &VirtualServer, b: &VirtualServer| {
            (a.scheduler, a.persistence) == (b.scheduler, b.persistence)
        };
        let pools = |a: &VirtualServer, b: &VirtualServer| {
            let plain = |server: &VirtualServer| -> Vec<_> {
                let all = server.destinations.iter();
                all.map(|one| (one.address, one.port, one.weight)).collect()
            };
            settings(a, b) && plain(a) == plain(b)
        };
        match (self.servers.get(&key), delta) {
            (None, Delta::Add(_)) | (Some(_), Delta::Remove(_)) => StepState::Before,
            (None, Delta::Remove(_)) => StepState::After,
            (Some(has), Delta::Add(wants)) if pools(has, wants) => StepState::After,
            (Some(has), Delta::Change { to, .. }) if settings(has, to) => StepState::After,
            (Some(has), Delta::Change { from, .. }) if settings(has, from) => StepState::Before,
            _ => StepState::Neither,
        }
    }

    fn foreign_server(&self, key: TransportAddress) -> Option<Lines> {
        let mut foreign = self.now.ipvs.foreign.iter();
        let found = foreign.find(|server| server.key == Some(key))?;
        Some(found.lines.clone())
    }

    fn weight(&self, key: &DestinationKey) -> Option<u32> {
        let destinations = &self.servers.get(&key.server)?.destinations;
        let place = (key.address, key.port);
        let at = destinations.binary_search_by_key(&place, |one| (one.address, one.port));
        Some(destinations[at.ok()?].weight)
    }

    fn destination(&self, key: &DestinationKey, delta: &Delta<u32>) -> StepState {
        // It went with its virtual server, after whatever was done to it alone.
        if !self.servers.contains_key(&key.server) && matches!(delta, Delta::Change { .. }) {
            return StepState::After;
        }
        values(self.weight(key).as_ref(), delta)
    }
}
