//! Findings with their source lines, for a terminal or a log.

use crate::diag::render::{human_as, left_out_as};
use crate::diag::{Alike, Diagnostic, Style};
use crate::lint::Report;
use crate::source::Sources;

/// Renders the findings that count as compile renders its diagnostics, by the names of their rules.
pub fn text(report: &Report, sources: &Sources, style: Style, alike: Alike) -> String {
    let named = report
        .active()
        .map(|finding| -> (&str, &Diagnostic) { (finding.kind.id(), &finding.diagnostic) });
    let left_out = report.left_out.iter().map(|one| (one.sort.id(), *one));
    human_as(named, sources, style, alike) + &left_out_as(left_out, style)
}
