//! Scripts for `iptables-restore --noflush`.

use std::collections::BTreeMap;

use super::Batch;
use crate::back::iptables::TableName;
use crate::back::text::{KeepOrigins, Text};
use crate::model::IpFamily;
use crate::plan::{Delta, RuleChain, Subject};

/// One script for each family that has steps about chains or jumps, one section for each table.
pub(super) fn batches<'s>(subjects: impl Iterator<Item = &'s Subject>) -> Vec<Batch> {
    let mut tables: BTreeMap<(IpFamily, TableName), Text> = BTreeMap::new();
    for subject in subjects {
        let (Subject::Chain(chain, _) | Subject::Jump(chain, _)) = subject else {
            continue;
        };
        let section = tables.entry((chain.family, chain.table));
        let text = section.or_insert_with(|| {
            let mut text = Text::new(KeepOrigins::No);
            text.line(&[], format_args!("*{}", chain.table.as_str()));
            text
        });
        write(subject, chain, text);
    }
    let mut scripts: BTreeMap<IpFamily, String> = BTreeMap::new();
    for ((family, _), mut text) in tables {
        text.line(&[], format_args!("COMMIT"));
        scripts
            .entry(family)
            .or_default()
            .push_str(&text.finish().0);
    }
    scripts
        .into_iter()
        .map(|(family, script)| Batch::Rules(family, script))
        .collect()
}

fn write(subject: &Subject, chain: &RuleChain, text: &mut Text) {
    let name = &chain.chain;
    let mut line = |content: std::fmt::Arguments<'_>| text.line(&[], content);
    match subject {
        Subject::Chain(_, Delta::Add(rules) | Delta::Change { to: rules, .. }) => {
            // Makes the chain, or empties the one that is there.
            line(format_args!(":{name} - [0:0]"));
            for rule in rules {
                line(format_args!("-A {name} {rule}"));
            }
        }
        Subject::Chain(_, Delta::Remove(_)) => {
            line(format_args!("-F {name}"));
            line(format_args!("-X {name}"));
        }
        Subject::Jump(_, delta) => {
            // By its text, not its number: others may have moved it meanwhile.
            if let Some(before) = delta.before() {
                line(format_args!("-D {name} {}", before.rule));
            }
            if let Some(after) = delta.after() {
                line(format_args!("-I {name} {} {}", after.number, after.rule));
            }
        }
        _ => {}
    }
}
