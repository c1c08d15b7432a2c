//! The paragraph at the end of a run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portolan_compiler::compile::{Summary, Used};

use portolan_compiler::diag::{Report, Severity};

use super::Destination;
use crate::out::Outcome;
use portolan_compiler::escape::visible;

pub(super) fn text(
    summary: &Summary,
    nodes: usize,
    destination: &Destination<'_>,
    outcome: &Outcome,
) -> String {
    let mut text = format!(
        "Compiled {} with {} for {}",
        used(summary.services, "Service"),
        used(summary.endpoints, "endpoint"),
        count(nodes, "node"),
    );
    let Outcome {
        changed, unchanged, ..
    } = outcome;
    // Writing to a String cannot fail.
    let _ = match destination {
        Destination::Write(_) => write!(
            text,
            ": {} changed, {unchanged} unchanged.",
            count(*changed, "file")
        ),
        Destination::Check(_) => write!(
            text,
            ": {} would change, {unchanged} would not.",
            count(*changed, "file")
        ),
        Destination::Stdout(_) => write!(text, "."),
    };
    let _ = writeln!(text, "{}", others(&summary.others));
    for note in &outcome.notes {
        let _ = writeln!(text, "note: {}", visible(note));
    }
    text
}

/// The last line of a run that refuses its input.
pub(in crate::commands) fn refusal<'a>(reports: impl Iterator<Item = &'a Report>) -> String {
    let (mut errors, mut warnings) = (0, 0);
    for report in reports {
        errors += report.count(Severity::Error);
        warnings += report.count(Severity::Warning);
    }
    format!(
        "Refused: {}, {}; nothing was written.\n",
        count(errors, "error"),
        count(warnings, "warning")
    )
}

pub(in crate::commands) fn used(used: Used, noun: &str) -> String {
    if used.used == used.total {
        count(used.total, noun)
    } else {
        format!("{} of {}", used.used, count(used.total, noun))
    }
}

pub(in crate::commands) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// As many kinds that are passed by are named.
const KINDS: usize = 12;

/// A kind as written; one that no API has is cut.
fn short(kind: &str) -> String {
    const LONGEST: usize = 63;
    match kind.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", visible(&kind[..end])),
        None => visible(kind),
    }
}

/// Kinds that are not compiled, most frequent first, so that nobody wonders where they went.
pub(in crate::commands) fn others(others: &BTreeMap<String, usize>) -> String {
    if others.is_empty() {
        return String::new();
    }
    let mut kinds: Vec<_> = others.iter().collect();
    kinds.sort_by_key(|(kind, number)| (std::cmp::Reverse(**number), *kind));
    let more = kinds.len().saturating_sub(KINDS);
    let mut list: Vec<String> = kinds
        .iter()
        .take(KINDS)
        .map(|(kind, number)| format!("{number} {}", short(kind)))
        .collect();
    if more > 0 {
        list.push(format!("objects of {}", count(more, "further kind")));
    }
    format!(" Passed by: {}.", list.join(", "))
}
