//! Scripts for `iptables-restore --noflush`.

use crate::back::iptables::TableName;
use crate::back::text::{KeepOrigins, Text};
use crate::plan::{Delta, RuleChain, Subject};

/// The lines of steps about chains and jumps of one family; others have none.
pub(super) fn script<'s>(subjects: impl Iterator<Item = &'s Subject>) -> String {
    let mut text = Text::new(KeepOrigins::No);
    let mut open: Option<TableName> = None;
    for subject in subjects {
        let (Subject::Chain(chain, _) | Subject::Jump(chain, _)) = subject else {
            continue;
        };
        if open != Some(chain.table) {
            close(open, &mut text);
            text.line(&[], format_args!("*{}", chain.table.as_str()));
            open = Some(chain.table);
        }
        write(subject, chain, &mut text);
    }
    close(open, &mut text);
    text.finish().0
}

fn close(open: Option<TableName>, text: &mut Text) {
    if open.is_some() {
        text.line(&[], format_args!("COMMIT"));
    }
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
