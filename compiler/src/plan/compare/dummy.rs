//! kube-ipvs0 and its addresses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Comparison, Effect, merge};
use crate::mode::NodeState;
use crate::model::Mode;
use crate::observed::{Dummy, Observed};
use crate::plan::{Claims, Delta, DummyChange, LeftAlone, Subject};

/// The interface, which has to be there before it can have addresses.
pub(super) fn compare_interface(
    state: &NodeState,
    observed: &Observed,
    comparison: &mut Comparison,
) {
    if state.mode() == Mode::Ipvs && observed.dummy == Dummy::Absent {
        let change = DummyChange::Interface(Delta::Add(()));
        comparison.step(change.into(), Effect::PLAIN, &[]);
    }
}

/// Addresses of kube-ipvs0 that are missing, and those of ours that are too many.
pub(super) fn compare_addresses(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    comparison: &mut Comparison,
) {
    let found = observed.dummy.addresses();
    let in_use = in_use(comparison);
    merge(
        state.addresses(),
        |(address, _)| *address,
        found,
        |address| *address,
        |wants, has| match (wants, has) {
            (Some((address, origins)), None) => {
                let subject = Subject::Dummy(DummyChange::Address(*address, Delta::Add(())));
                comparison.step(subject, Effect::PLAIN, origins);
            }
            (None, Some(address)) if !claims.owns_address(*address) => {
                comparison.left_alone.push(LeftAlone::Address(*address));
            }
            (None, Some(address)) if in_use.contains(address) => {
                comparison
                    .left_alone
                    .push(LeftAlone::AddressInUse(*address));
            }
            (None, Some(address)) => {
                let subject = Subject::Dummy(DummyChange::Address(*address, Delta::Remove(())));
                comparison.step(subject, Effect::PLAIN, &[]);
            }
            (Some(_), Some(_)) | (None, None) => {}
        },
    );
}

/// Addresses of virtual servers that stay although nobody asks for them: without its address, such
/// a virtual server would be dead.
fn in_use(comparison: &Comparison) -> BTreeSet<IpAddr> {
    comparison
        .left_alone
        .iter()
        .filter_map(|left| match left {
            LeftAlone::Server(key) => Some(key.address),
            _ => None,
        })
        .collect()
}
