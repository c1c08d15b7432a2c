//! What was found in an input, counted in the last lines of a run.

use std::collections::BTreeMap;

use portolan_compiler::compile::Used;
use portolan_compiler::diag::{Report, Severity};
use portolan_compiler::english::count;
use portolan_compiler::escape::visible;

use crate::report::Verbosity;

/// The last line of a run that refuses its input.
pub(in crate::commands) fn refusal<'a>(reports: impl Iterator<Item = &'a Report>) -> String {
    let (errors, warnings) = counts(reports);
    format!(
        "Refused: {}, {}; nothing was written.\n",
        count(errors, "error"),
        count(warnings, "warning")
    )
}

/// The last line of a comparison that refuses a side, of which warnings show with `-v` only.
pub(in crate::commands) fn nothing_compared<'a>(
    reports: impl Iterator<Item = &'a Report>,
    verbosity: Verbosity,
) -> String {
    let (errors, warnings) = counts(reports);
    let errors = count(errors, "error");
    let rest = match warnings {
        0 => String::new(),
        _ if verbosity >= Verbosity::Verbose => format!(", {}", count(warnings, "warning")),
        1 => " (and 1 warning, which -v shows)".to_owned(),
        many => format!(" (and {many} warnings, which -v shows)"),
    };
    format!("Refused: {errors}{rest}; nothing is compared.\n")
}

fn counts<'a>(reports: impl Iterator<Item = &'a Report>) -> (usize, usize) {
    let (mut errors, mut warnings) = (0, 0);
    for report in reports {
        errors += report.count(Severity::Error);
        warnings += report.count(Severity::Warning);
    }
    (errors, warnings)
}

pub(in crate::commands) fn used(used: Used, noun: &str) -> String {
    if used.used == used.total {
        count(used.total, noun)
    } else {
        format!("{} of {}", used.used, count(used.total, noun))
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
