//! The tables of mode nftables, kube-proxy's own among them.

use super::{Comparison, Effect};
use crate::kernel::nftables::{ObservedTable, Table};
use crate::mode::NodeState;
use crate::model::{IpFamily, Mode};
use crate::observed::Observed;
use crate::plan::{Claims, Delta, LeftAlone, NftablesChange, Subject, TableChange};
use crate::source::Origin;

pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    comparison: &mut Comparison,
) {
    for family in IpFamily::ALL {
        let wanted = state.tables().iter().find(|table| table.family == family);
        let found = observed.nftables.tables[family as usize].as_ref();
        let change = match (wanted, found) {
            (Some(wanted), Some(found)) => both(wanted, found),
            (Some(wanted), None) => Some(TableChange::Whole(Delta::Add(Box::new(
                wanted.without_origins(),
            )))),
            // Nobody else has a table of this name.
            (None, Some(found)) if claims.modes().any(|mode| mode == Mode::Nftables) => Some(
                TableChange::Whole(Delta::Remove(Box::new(found.table.without_origins()))),
            ),
            (None, _) => None,
        };
        if let Some(change) = change {
            let origins = wanted.map(|wanted| origins(wanted, &change));
            let subject = Subject::Nftables(NftablesChange::Table(family, change));
            comparison.step(subject, Effect::PLAIN, &origins.unwrap_or_default());
        }
        if let Some(table) = &observed.nftables.kube_proxy[family as usize] {
            if claims.owns_kube_proxys() {
                let subject = Subject::Nftables(NftablesChange::KubeProxyTable(
                    family,
                    Delta::Remove(table.clone()),
                ));
                comparison.step(subject, Effect::PLAIN, &[]);
            } else {
                comparison
                    .left_alone
                    .push(LeftAlone::KubeProxyTable(family));
            }
        }
    }
}

fn both(wanted: &Table, found: &ObservedTable) -> Option<TableChange> {
    // nft 1.0.6 refuses rules that name such maps after the maps are there, on the way back too.
    if !found.foreign.is_empty() || !wanted.resembles(&found.table) {
        return Some(TableChange::Whole(Delta::Change {
            from: Box::new(found.table.without_origins()),
            to: Box::new(wanted.without_origins()),
        }));
    }
    let (from, to) = found.table.apart(wanted);
    (!from.is_empty() || !to.is_empty()).then_some(TableChange::Part { from, to })
}

/// Where what comes stands in the manifests.
fn origins(wanted: &Table, change: &TableChange) -> Vec<Origin> {
    let TableChange::Part { to, .. } = change else {
        return Vec::new();
    };
    let keys = to.sets().iter().flat_map(|(name, set)| {
        let keys = set.keys();
        keys.filter_map(|key| wanted.sets.get(name)?.get(key))
    });
    keys.flat_map(|element| element.origins.iter().copied())
        .collect()
}
