//! A difference as a Code Quality report, which GitLab shows in merge requests and beside their lines.

use serde_json::{Value, json};

use super::outline::{ManifestLine, Outline, Reporter, Section};
use crate::bundle::Digest;
use crate::escape;

/// The difference, an issue for each section, and one for what else there is to say. What is about no line of
/// a manifest is put to a file that is there.
pub fn gitlab(outline: &Outline, elsewhere: &str) -> String {
    let reporter = (outline.reporter, elsewhere);
    let issues = outline
        .sections
        .iter()
        .map(|section| issue(section, reporter));
    let rest = (!outline.notes.is_empty()).then(|| {
        let said = std::iter::once(&outline.headline).chain(&outline.notes);
        let said: Vec<&str> = said.map(String::as_str).collect();
        described(
            reporter,
            (&said.join(". "), &outline.headline),
            "info",
            None,
        )
    });
    escape::json(&issues.chain(rest).collect::<Value>())
}

/// An issue. `identity` is what makes it the same one in every run: notes name sides, which may lie
/// elsewhere each time.
fn described(
    (reporter, elsewhere): (Reporter, &str),
    (description, identity): (&str, &str),
    severity: &str,
    place: Option<&ManifestLine>,
) -> Value {
    json!({
        "check_name": format!("portolan-{}", reporter.as_str()),
        "description": description,
        "fingerprint": Digest::of(identity.as_bytes()).to_string(),
        "location": {
            "lines": { "begin": place.map_or(1, |place| place.line) },
            "path": place.map_or(elsewhere, |place| place.file.as_str()),
        },
        "severity": severity,
    })
}

fn issue(section: &Section, reporter: (Reporter, &str)) -> Value {
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
    let any = |of: fn(&super::PortChanges) -> bool| section.entries.iter().any(of);
    let severity = match (any(|entry| entry.silences), any(|entry| entry.disrupts)) {
        (true, _) => "critical",
        (false, true) => "major",
        (false, false) => "info",
    };
    let description = format!("{}: {}", section.title(), said.join("; "));
    let place = section.place.as_ref();
    described(reporter, (&description, &description), severity, place)
}
