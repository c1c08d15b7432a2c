//! A difference as a Code Quality report, which GitLab shows in merge requests and beside their lines.

use serde_json::{Value, json};

use super::outline::{Outline, Section};
use crate::bundle::Digest;
use crate::escape;

/// Sections of which no manifest is known are put to this file.
const ELSEWHERE: &str = "MANIFEST";

/// The difference, an issue for each section.
pub fn gitlab(outline: &Outline) -> String {
    let issues: Vec<Value> = outline.sections.iter().map(issue).collect();
    escape::json(&Value::Array(issues))
}

fn issue(section: &Section) -> Value {
    let said: Vec<String> = section
        .entries
        .iter()
        .map(|entry| {
            let about = [Some(entry.port.as_str()), entry.nodes.as_deref()];
            let about: Vec<&str> = about
                .into_iter()
                .flatten()
                .filter(|one| !one.is_empty())
                .collect();
            match about.as_slice() {
                [] => entry.summary.clone(),
                about => format!("{}: {}", about.join(" on "), entry.summary),
            }
        })
        .collect();
    let any = |of: fn(&super::Entry) -> bool| section.entries.iter().any(of);
    let severity = match (any(|entry| entry.silences), any(|entry| entry.disrupts)) {
        (true, _) => "critical",
        (false, true) => "major",
        (false, false) => "info",
    };
    let description = format!("{}: {}", section.title(), said.join("; "));
    let place = section.place.as_ref();
    json!({
        "check_name": "portolan-diff",
        "description": description,
        // The same change of the same Service is the same issue in every run.
        "fingerprint": Digest::of(description.as_bytes()).to_string(),
        "location": {
            "lines": { "begin": place.map_or(1, |place| place.line) },
            "path": place.map_or(ELSEWHERE, |place| place.file.as_str()),
        },
        "severity": severity,
    })
}
