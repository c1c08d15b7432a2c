//! Suppressions, settings, and the less usual cases of each rule: a line for each finding.

use std::fmt::Write as _;
use std::fs;

use portolan_compiler::lint::Report;

use super::{AREA, lint_text, options};
use crate::support::{fixture, snapshot};

/// One line per finding: what a reader of these tests needs.
fn lines(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let diagnostic = &finding.diagnostic;
        let severity = format!("{:?}", diagnostic.severity).to_lowercase();
        let object = diagnostic.object.as_deref().unwrap_or("-");
        let _ = write!(out, "  {} {severity} {object}", finding.kind.id());
        if let Some(field) = &diagnostic.field {
            let _ = write!(out, " {field}");
        }
        let _ = writeln!(out, ": {}", diagnostic.message);
        if let Some(reason) = &finding.suppressed {
            let _ = writeln!(out, "    suppressed: {reason}");
        }
    }
    out
}

fn cases(folder: &str) -> String {
    let mut names: Vec<_> = fs::read_dir(fixture(folder))
        .expect("the cases")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names.iter().fold(String::new(), |mut out, name| {
        let text = fs::read_to_string(fixture(&format!("{folder}/{name}"))).expect("UTF-8");
        let (_, report) = lint_text(&text, &options());
        let _ = writeln!(out, "{name}\n{}", lines(&report));
        out
    })
}

#[test]
fn suppressions_and_settings() {
    snapshot(AREA, "settings", cases("lint-settings"));
}

#[test]
fn further_cases_of_rules() {
    snapshot(AREA, "further-cases", cases("lint-further"));
}
