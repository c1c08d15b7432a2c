//! What is known of the rules, for people.

use std::fmt::Write as _;

use super::severity;
use crate::lint::{Checked, Examples, RuleId};

/// Columns of a line of prose.
const WIDTH: usize = 90;

/// One line per rule: id, severity, title, and who checks it if lint does not.
pub fn list() -> String {
    let mut out = String::new();
    for rule in RuleId::ALL {
        let entry = rule.entry();
        let elsewhere = match entry.checked {
            Checked::Here { .. } => "",
            Checked::Elsewhere(_) => " (not by lint)",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{rule}  {:<8} {}{elsewhere}",
            severity(entry.severity),
            entry.title
        );
    }
    out
}

/// A page about one rule, with its examples.
pub fn explain(rule: RuleId) -> String {
    let entry = rule.entry();
    let mut out = format!(
        "{rule} ({}): {}\n\n{}\n",
        severity(entry.severity),
        entry.title,
        wrapped(entry.explanation)
    );
    if !entry.source.is_empty() {
        let _ = write!(out, "\nSource: {}.\n", entry.source);
    }
    match entry.checked {
        Checked::Elsewhere(who) => {
            let _ = write!(out, "\nLint does not check it: {who}.\n");
        }
        Checked::Here {
            needs,
            examples: Examples { triggers, passes },
        } => {
            for need in needs {
                let _ = write!(out, "\nNot checked where {}.\n", need.as_str());
            }
            let _ = write!(
                out,
                "\nThis triggers it:\n\n{}\nThis does not:\n\n{}",
                indented(triggers),
                indented(passes)
            );
        }
    }
    out
}

fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        if column > 0 && column + 1 + word.len() > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        if !line.is_empty() {
            out.push_str("    ");
            out.push_str(line);
        }
        out.push('\n');
        out
    })
}
