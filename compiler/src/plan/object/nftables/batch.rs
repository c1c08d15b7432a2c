//! A script for `nft -f`, which carries it out as one transaction.

use super::{NftablesChange, TableChange};
use crate::kernel::nftables::{
    KubeProxyTable, Memory, Observed, write, write_exchange, write_removal,
};
use crate::kernel::text::{KeepOrigins, Text};
use crate::model::IpFamily;
use crate::plan::{Delta, Flows};

/// Changes that are carried out together.
#[derive(Debug)]
pub(crate) enum NftablesBatch {
    /// Of tables, of both families at once.
    Tables(TablesChange),
    /// Clients that forget their endpoints.
    Affinity(Vec<(Memory, Flows)>),
}

/// Joins changes that follow one another, in their order.
pub(crate) fn batches(changes: &[&NftablesChange]) -> Vec<NftablesBatch> {
    let forgets = |change: &NftablesChange| match change {
        NftablesChange::Affinity(memory, which) => Some((*memory, *which)),
        NftablesChange::Table(..) | NftablesChange::KubeProxyTable(..) => None,
    };
    let runs = changes.chunk_by(|a, b| forgets(a).is_some() == forgets(b).is_some());
    let batch = |run: &[&NftablesChange]| {
        let forgotten: Vec<_> = run.iter().filter_map(|change| forgets(change)).collect();
        if forgotten.is_empty() {
            NftablesBatch::Tables(TablesChange::of(run))
        } else {
            NftablesBatch::Affinity(forgotten)
        }
    };
    runs.map(batch).collect()
}

/// A change of the tables of mode nftables, kube-proxy's own among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablesChange {
    changes: Vec<(IpFamily, TableChange)>,
    kube_proxys: Vec<(IpFamily, Delta<KubeProxyTable>)>,
}

impl TablesChange {
    fn of(changes: &[&NftablesChange]) -> Self {
        let mut tables = Self {
            changes: Vec::new(),
            kube_proxys: Vec::new(),
        };
        for change in changes {
            match change {
                NftablesChange::Table(family, of) => tables.changes.push((*family, of.clone())),
                NftablesChange::KubeProxyTable(family, delta) => {
                    tables.kube_proxys.push((*family, delta.clone()));
                }
                NftablesChange::Affinity(..) => {}
            }
        }
        tables
    }

    /// The script, without tabs. Its lines are as long as nft lists them where it puts back a table of
    /// kube-proxy's.
    pub fn script(&self) -> String {
        let mut text = Text::new(KeepOrigins::No);
        for (family, change) in &self.changes {
            match change {
                TableChange::Whole(delta) => match delta.after() {
                    Some(table) => write(std::slice::from_ref(&**table), &mut text),
                    None => write_removal(*family, &mut text),
                },
                TableChange::Part { from, to } => write_exchange(from, to, &mut text),
            }
        }
        let mut script = text.finish().0.replace('\t', "");
        for (family, delta) in &self.kube_proxys {
            if let Some(table) = delta.after() {
                script.extend(table.lines().iter().flat_map(|line| [line, "\n"]));
            } else {
                // One that is gone by now makes the whole script fail.
                let name = KubeProxyTable::name(*family);
                script.extend(["delete table ", &name, "\n"]);
            }
        }
        script
    }

    /// Whether the tables are what the change was made for: what goes is there as it was, and what
    /// comes is not.
    pub fn fits(&self, now: &Observed) -> bool {
        // What is in kube-proxy's tables is nobody's business but its own.
        let as_found = |(family, delta): &(IpFamily, Delta<KubeProxyTable>)| {
            now.kube_proxy[*family as usize].is_some() == delta.before().is_some()
        };
        if !self.kube_proxys.iter().all(as_found) {
            return false;
        }
        self.changes.iter().all(|(family, change)| {
            let found = now.tables[*family as usize].as_ref();
            match change {
                TableChange::Whole(delta) => match delta.before() {
                    None => found.is_none(),
                    Some(before) => found.is_some_and(|found| found.table == **before),
                },
                TableChange::Part { from, to } => found.is_some_and(|found| {
                    found.foreign.is_empty() && found.table.within([from, to]) == *from
                }),
            }
        })
    }
}
