//! Packets: who is reached, as whom, and what a change does to those who are talking.

mod datagrams;
mod live;
mod order;
mod paths;

use portolan_compiler::model::IpFamily;

use crate::bed::Transport;
use crate::harness::Case;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = paths::cases();
    cases.extend(live::cases());
    cases.extend(datagrams::cases());
    cases.extend(order::cases());
    cases
}

/// Each transport in each family.
fn both() -> impl Iterator<Item = (Transport, IpFamily)> {
    let families = |transport| IpFamily::ALL.map(|family| (transport, family));
    Transport::ALL.into_iter().flat_map(families)
}
