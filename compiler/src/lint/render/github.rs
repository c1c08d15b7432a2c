//! Findings as workflow commands, which GitHub shows beside the lines of a pull request.

use std::fmt::Write as _;

use crate::diag::{Location, Severity};
use crate::escape::{message, path, property};
use crate::lint::{Finding, Report};

/// Renders the findings that count, a line each.
pub fn github(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.of_input() {
        command(&mut out, finding);
    }
    if let Some(filtered) = &report.filtered {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "::notice title=portolan lint::{}",
            message(&filtered.to_string())
        );
    }
    for beyond in &report.left_out {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{}title={}::{}",
            name(beyond.severity),
            property(beyond.sort.id()),
            message(&beyond.message())
        );
    }
    out
}

/// The command, up to its properties.
fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "::error ",
        Severity::Warning => "::warning ",
        Severity::Info => "::notice ",
    }
}

fn command(out: &mut String, finding: &Finding) {
    let diagnostic = &finding.diagnostic;
    out.push_str(name(diagnostic.severity));
    if let Some(Location { file, start, .. }) = &diagnostic.location {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "file={},line={},col={},",
            path(file),
            start.line,
            start.column
        );
        if let Some(end) = finding.end {
            let _ = write!(out, "endLine={},endColumn={},", end.line, end.column);
        }
    }
    let object = diagnostic.object.as_deref();
    let object = object.map(|name| format!("{name}: ")).unwrap_or_default();
    let _ = writeln!(
        out,
        "title={}::{}{}%0A{}",
        property(finding.kind.id()),
        message(&object),
        message(&diagnostic.message),
        message(&diagnostic.help)
    );
}
