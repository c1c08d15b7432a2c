//! Tables on a node.

use super::{NftablesChange, TableChange};
use crate::kernel::nftables::{ObservedTable, Table};
use crate::model::IpFamily;
use crate::plan::object::reading;
use crate::plan::object::reading::{Reading, StepState, compare, goal};
use crate::plan::{Delta, End};

pub(super) fn step_state(change: &NftablesChange, node: &Reading<'_>) -> StepState {
    match change {
        NftablesChange::Table(family, change) => node.table_state(*family, change),
        // Whatever is in it: one that a kube-proxy made meanwhile is as good as the one before.
        NftablesChange::KubeProxyTable(family, delta) => {
            let found = node.now.nftables.kube_proxy[*family as usize].as_ref();
            compare(found, delta, |_, _| true)
        }
        NftablesChange::Affinity(..) => StepState::Neither,
    }
}

pub(super) fn towards(
    change: &NftablesChange,
    node: &Reading<'_>,
    end: End,
) -> Option<NftablesChange> {
    match change {
        NftablesChange::Table(family, change) => node.table_way(*family, change, end),
        // It is there or it is not, so it is always as before or as after.
        NftablesChange::KubeProxyTable(..) | NftablesChange::Affinity(..) => None,
    }
}

impl<'a> Reading<'a> {
    fn table(&self, family: IpFamily) -> Option<&'a ObservedTable> {
        self.now.nftables.tables[family as usize].as_ref()
    }

    fn table_state(&self, family: IpFamily, change: &TableChange) -> StepState {
        let found = self.table(family);
        match change {
            TableChange::Whole(delta) => {
                let ours = found.filter(|found| found.foreign.is_empty());
                let is = |end: Option<&Box<Table>>| match end {
                    None => found.is_none(),
                    Some(end) => ours.is_some_and(|ours| ours.table == **end),
                };
                reading::step_state(is(delta.after()), is(delta.before()))
            }
            TableChange::Part { from, to } => {
                let Some(found) = found else {
                    return StepState::Neither;
                };
                let now = found.table.within([from, to]);
                reading::step_state(now == *to, now == *from)
            }
        }
    }

    fn table_way(
        &self,
        family: IpFamily,
        change: &TableChange,
        end: End,
    ) -> Option<NftablesChange> {
        let found = self.table(family);
        let now = || found.map(|found| Box::new(found.table.clone()));
        let change = match change {
            TableChange::Whole(delta) => {
                TableChange::Whole(Delta::between(now(), goal(delta, end).cloned())?)
            }
            TableChange::Part { from, to } => {
                let goal = match end {
                    End::Old => from,
                    End::New => to,
                };
                // Without the rest of the table its part makes none.
                let now = found?.table.within([from, to]);
                let (from, to) = now.apart(goal);
                (!from.is_empty() || !to.is_empty()).then_some(TableChange::Part { from, to })?
            }
        };
        Some(NftablesChange::Table(family, change))
    }
}
