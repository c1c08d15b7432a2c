//! The paragraph at the end of a run.

use std::fmt::Write as _;

use portolan_compiler::compile::Summary;
use portolan_compiler::english::count;
use portolan_compiler::escape::visible;

use super::Destination;
use crate::commands::shared::emit::Emitted;
use crate::commands::shared::summary::{others, used};
use crate::out::Tally;

pub(super) fn text(
    summary: &Summary,
    destination: &Destination<'_>,
    Emitted { outcome, manifest }: &Emitted,
) -> String {
    let mut text = format!(
        "Compiled {} with {} for {}",
        used(summary.services, "Service"),
        used(summary.endpoints, "endpoint"),
        count(manifest.nodes.len(), "node"),
    );
    let Tally {
        changed, unchanged, ..
    } = outcome;
    // Writing to a String cannot fail.
    let _ = match destination {
        Destination::Write(..) => write!(
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
    // Of several nodes each has its own, in its MANIFEST.
    if let [(node, entry)] = &manifest.nodes.iter().collect::<Vec<_>>()[..]
        && let Some(target) = entry.target
    {
        let _ = writeln!(text, "Target of {node}: {}", target.short());
    }
    for note in &outcome.notes {
        let _ = writeln!(text, "note: {}", visible(note));
    }
    text
}
