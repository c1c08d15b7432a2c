//! A script for `nft -f`, which carries it out as one transaction.

use crate::back::nftables::{Observed, write, write_exchange, write_removal};
use crate::back::text::{KeepOrigins, Text};
use crate::model::IpFamily;
use crate::plan::{Subject, TableChange};

/// A change of the tables of mode nftables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablesChange {
    changes: Vec<(IpFamily, TableChange)>,
}

impl TablesChange {
    pub(super) fn of<'s>(subjects: impl Iterator<Item = &'s Subject>) -> Self {
        let changes = subjects.filter_map(|subject| match subject {
            Subject::Table(family, change) => Some((*family, change.clone())),
            _ => None,
        });
        Self {
            changes: changes.collect(),
        }
    }

    /// The script, without tabs.
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
        text.finish().0.replace('\t', "")
    }

    /// Whether the tables are what the change was made for: what goes is there as it was, and what
    /// comes is not.
    pub fn fits(&self, now: &Observed) -> bool {
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
