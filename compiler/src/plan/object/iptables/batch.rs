//! Scripts for `iptables-restore --noflush`.

use std::collections::BTreeMap;
use std::fmt;

use super::{IptablesChange, RulePosition};
use crate::kernel::iptables::{ChainName, SavedRule, TableName};
use crate::kernel::text::{KeepOrigins, Text};
use crate::model::IpFamily;
use crate::plan::Delta;

/// One script for each family that has changes, one section for each table.
pub(crate) fn scripts<'c>(
    changes: impl Iterator<Item = &'c IptablesChange>,
) -> BTreeMap<IpFamily, String> {
    let mut tables: BTreeMap<(IpFamily, TableName), Section<'_>> = BTreeMap::new();
    for change in changes {
        let chain = change.chain();
        let section = tables.entry((chain.family, chain.table));
        section.or_default().add(change);
    }
    let mut scripts: BTreeMap<IpFamily, String> = BTreeMap::new();
    for ((family, table), section) in tables {
        let script = scripts.entry(family).or_default();
        script.push_str(&section.finish(table));
    }
    scripts
}

/// What happens to one table. Chains may lead to each other, so all are made before any has a rule,
/// and are gone after all lost theirs; of several steps about a chain the last one counts.
#[derive(Default)]
struct Section<'s> {
    chains: BTreeMap<&'s ChainName, Option<&'s [SavedRule]>>,
    jumps: Vec<(&'s ChainName, &'s Delta<RulePosition>)>,
}

impl<'s> Section<'s> {
    fn add(&mut self, change: &'s IptablesChange) {
        match change {
            IptablesChange::Chain(at, delta) => {
                let rules = delta.after().map(Vec::as_slice);
                self.chains.insert(&at.chain, rules);
            }
            IptablesChange::Jump(at, delta) => self.jumps.push((&at.chain, delta)),
        }
    }

    fn finish(self, table: TableName) -> String {
        let mut text = Text::new(KeepOrigins::No);
        let mut line = |content: fmt::Arguments<'_>| text.line(&[], content);
        line(format_args!("*{}", table.as_str()));
        let stay = || {
            let all = self.chains.iter();
            all.filter_map(|(name, rules)| Some((name, (*rules)?)))
        };
        for (name, _) in stay() {
            // Makes the chain, or empties the one that is there.
            line(format_args!(":{name} - [0:0]"));
        }
        for (name, rules) in stay() {
            for rule in rules {
                line(format_args!("-A {name} {rule}"));
            }
        }
        for (name, delta) in self.jumps {
            // By its text, not its number: others may have moved it meanwhile.
            if let Some(before) = delta.before() {
                line(format_args!("-D {name} {}", before.rule));
            }
            if let Some(RulePosition { number, rule }) = delta.after() {
                line(format_args!("-I {name} {number} {rule}"));
            }
        }
        let gone = || self.chains.iter().filter(|(_, rules)| rules.is_none());
        for (name, _) in gone() {
            line(format_args!("-F {name}"));
        }
        for (name, _) in gone() {
            line(format_args!("-X {name}"));
        }
        line(format_args!("COMMIT"));
        text.finish().0
    }
}
