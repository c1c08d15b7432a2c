//! Findings as a JUnit report, which nearly every CI shows: each finding is a failed test, each
//! suppressed one a skipped test, and what is only good to know passes with a word.

use std::fmt::Write as _;

use super::severity;
use crate::diag::{Location, Severity};
use crate::escape::xml;
use crate::lint::{Finding, Report};

/// Renders a report as XML.
pub fn junit(report: &Report) -> String {
    // Findings that are counted only are one test together.
    let (beyond, suppressed) = (&report.left_out, &report.suppressed_left_out);
    let tests = report.findings.len() + beyond.len() + suppressed.len();
    let active = report.active().map(|finding| finding.diagnostic.severity);
    let active: Vec<Severity> = active
        .chain(beyond.iter().map(|one| one.severity))
        .collect();
    let told = active.iter().filter(|one| **one == Severity::Info).count();
    let counts = format!(
        "tests=\"{tests}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
        active.len() - told,
        tests - active.len()
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"portolan lint\" {counts}>\n  \
         <testsuite name=\"portolan lint\" {counts}>\n"
    );
    if let Some(filtered) = &report.filtered {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "    <properties>\n      <property name=\"shown\" value=\"{}\"/>\n    </properties>",
            xml(&filtered.to_string())
        );
    }
    for finding in &report.findings {
        case(&mut out, finding);
    }
    for one in beyond {
        let message = one.message();
        let result = match one.severity {
            Severity::Info => format!("<system-out>{message}</system-out>"),
            failed => format!(
                "<failure type=\"{}\" message=\"{message}\"/>",
                severity(failed)
            ),
        };
        together(&mut out, one.sort.id(), &result);
    }
    for one in suppressed {
        let result = format!("<skipped message=\"{}\"/>", one.message());
        together(&mut out, one.sort.id(), &result);
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// A test for findings that are counted only.
fn together(out: &mut String, id: &str, result: &str) {
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "    <testcase classname=\"input\" name=\"{id}: and more\">\n      {result}\n    </testcase>\n"
    );
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
