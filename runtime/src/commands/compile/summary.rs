//! The paragraph at the end of a run.

use std::fmt::Write as _;

use portolan_compiler::compile::Summary;
use portolan_compiler::english::count;
use portolan_compiler::escape::visible;

use super::Destination;
use crate::commands::shared::summary::{others, used};
use crate::out::Outcome;

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
        Destination::Check(..) => write!(
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
