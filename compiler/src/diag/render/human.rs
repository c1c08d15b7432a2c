//! Diagnostics with their source lines, for a terminal or a log.

use crate::diag::Report;
use crate::source::Sources;

/// Renders a report in rustc's manner: severity, code, message, place, source line, help.
pub fn human(report: &Report, sources: &Sources) -> String {
    let _ = (report, sources);
    todo!()
}
