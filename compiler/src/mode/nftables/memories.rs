//! Which endpoints clients may be sent to again, read off the maps.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::at::At;
use crate::kernel::nftables::{ChainName, Key, Memory, SetName, Table, Value, Verdict};

/// The endpoints that each memory of a table may have: those of the pools that it is asked for.
pub fn members(table: &Table) -> BTreeMap<Memory, BTreeSet<SocketAddr>> {
    let mut members: BTreeMap<Memory, BTreeSet<SocketAddr>> = BTreeMap::new();
    for (recall, endpoints) in [
        (SetName::RecallServices, SetName::Endpoints),
        (SetName::RecallNodePorts, SetName::NodePortEndpoints),
        (SetName::LocalRecallServices, SetName::LocalEndpoints),
        (
            SetName::LocalRecallNodePorts,
            SetName::LocalNodePortEndpoints,
        ),
    ] {
        for (key, element) in table.sets.get(&recall).into_iter().flatten() {
            let at = match key {
                Key::Frontend(key) => At::Address(*key),
                Key::NodePort(key) => At::NodePort(*key),
                _ => continue,
            };
            if let Some(Value::Verdict(Verdict::Jump(ChainName::Recall(memory)))) = element.value {
                let pool = at.pool(table, endpoints);
                members.entry(memory).or_default().extend(pool);
            }
        }
    }
    members
}
