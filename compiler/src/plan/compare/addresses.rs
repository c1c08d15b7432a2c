//! Addresses of kube-ipvs0.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Comparison, Manner, merge};
use crate::mode::NodeState;
use crate::observed::Observed;
use crate::plan::{Claims, Delta, LeftAlone, Subject};

pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    comparison: &mut Comparison,
) {
    let found = observed.dummy.addresses();
    let in_use = in_use(comparison);
    merge(
        &state.addresses,
        |(address, _)| *address,
        found,
        |address| *address,
        |wants, has| match (wants, has) {
            (Some((address, origins)), None) => {
                let subject = Subject::Address(*address, Delta::Add(()));
                comparison.step(subject, Manner::PLAIN, origins);
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
                let subject = Subject::Address(*address, Delta::Remove(()));
                comparison.step(subject, Manner::PLAIN, &[]);
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
