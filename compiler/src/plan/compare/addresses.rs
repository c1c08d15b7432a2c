//! Addresses of kube-ipvs0.

use super::{Comparison, merge};
use crate::back::ipvs::{INTERFACE, NodeState};
use crate::observed::Observed;
use crate::plan::{Delta, Ownership, Subject};

pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    ownership: &Ownership,
    comparison: &mut Comparison,
) {
    let found = observed.dummy.addresses();
    merge(
        &state.addresses,
        |(address, _)| *address,
        found,
        |address| *address,
        |wants, has| match (wants, has) {
            (Some((address, origins)), None) => {
                comparison.step(Subject::Address(*address, Delta::Add(())), origins);
            }
            (None, Some(address)) if ownership.owns_address(*address) => {
                comparison.step(Subject::Address(*address, Delta::Remove(())), &[]);
            }
            (None, Some(address)) => {
                comparison
                    .left_alone
                    .push(format!("address {address} on {INTERFACE}"));
            }
            (Some(_), Some(_)) | (None, None) => {}
        },
    );
}
