//! Findings as a JUnit report, which nearly every CI shows: each finding is a failed test, each
//! suppressed one a skipped test, and what is only good to know passes with a word.

use std::fmt::Write as _;

use super::severity;
use crate::diag::{Location, Severity};
use crate::escape::xml;
use crate::lint::{Finding, Report};

/// Renders a report as XML.
pub fn junit(report: &Report) -> String {
    let tests = report.findings.len();
    let skipped = report.suppressed();
    let counts = format!(
        "tests=\"{tests}\" failures=\"{}\" errors=\"0\" skipped=\"{skipped}\"",
        tests - skipped - report.count(Severity::Info)
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"portolan lint\" {counts}>\n  \
         <testsuite name=\"portolan lint\" {counts}>\n"
    );
    for finding in &report.findings {
        case(&mut out, finding);
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn case(out: &mut String, finding: &Finding) {
    let diagnostic = &finding.diagnostic;
    let object = diagnostic.object.as_deref().unwrap_or("input");
    let id = finding.kind.id();
    let message = xml(&diagnostic.message);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{id}: {message}\"",
        xml(object)
    );
    if let Some(Location { file, start, .. }) = &diagnostic.location {
        let _ = write!(out, " file=\"{}\" line=\"{}\"", xml(file), start.line);
    }
    out.push_str(">\n");
    let _ = match &finding.suppressed {
        Some(reason) => writeln!(out, "      <skipped message=\"{}\"/>", xml(reason)),
        None if diagnostic.severity == Severity::Info => writeln!(
            out,
            "      <system-out>{}{}</system-out>",
            place(finding),
            xml(&diagnostic.help)
        ),
        None => writeln!(
            out,
            "      <failure type=\"{}\" message=\"{message}\">{}{}</failure>",
            severity(diagnostic.severity),
            place(finding),
            xml(&diagnostic.help)
        ),
    };
    out.push_str("    </testcase>\n");
}

fn place(finding: &Finding) -> String {
    let location = finding.diagnostic.location.as_ref();
    location.map_or_else(String::new, |Location { file, start, .. }| {
        format!("{}:{start}: ", xml(file))
    })
}
