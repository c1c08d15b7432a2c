//! Findings as one JSON document, for machines.

use serde_json::{Value, json};

use super::severity;
use crate::diag::bound::shortened;
use crate::diag::render::{label, left_out, place};
use crate::escape;
use crate::lint::{Finding, LiesIn, Report, Unchecked};

/// Renders a report as a JSON document with sorted keys and a final newline.
///
/// `findings` has an entry for each: `id` (the rule, or the name of a diagnostic), `severity`,
/// `message`, `help`, `also`, `fingerprint`; `file`, `line`, `column`, `endLine` and `endColumn` where
/// it is about text, `object` and `field` where it is about an object, `suppressed` with the reason
/// where it is, `inBase` where it lies in the base alone. Where there are too many alike, `leftOut` and
/// `suppressedLeftOut` count those that are not told, each with `id`, `severity` and `count`.
/// `shown` has what a filter left: `namespaces`, `selector`, `services` of how many (`of`), and how many
/// findings and errors about other Services it left out.
/// `unchecked` has the rules that were not checked, each with `id` and `because`.
pub fn json(report: &Report) -> String {
    let mut document = json!({
        "format": "portolan-lint",
        "formatVersion": "1.2",
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "unchecked": report.unchecked.iter().copied().map(unchecked).collect::<Vec<_>>(),
    });
    if let Some(filtered) = &report.filtered {
        let mut shown = filtered.shown.to_json();
        shown["findingsLeftOut"] = filtered.findings.into();
        shown["errorsLeftOut"] = filtered.errors.into();
        document["shown"] = shown;
    }
    for (key, counts) in [
        ("leftOut", &report.left_out),
        ("suppressedLeftOut", &report.suppressed_left_out),
    ] {
        if !counts.is_empty() {
            let counts = counts.iter();
            document[key] = counts
                .map(|one| left_out("id", one.sort.id(), one))
                .collect();
        }
    }
    escape::json(&document)
}

fn finding(finding: &Finding) -> Value {
    let diagnostic = &finding.diagnostic;
    let mut entry = place(diagnostic.object.as_deref(), diagnostic.location.as_ref());
    let mut set = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    set("id", finding.kind.id().into());
    set("severity", severity(diagnostic.severity).into());
    set("message", diagnostic.message.as_str().into());
    set("help", diagnostic.help.as_str().into());
    set("also", diagnostic.also.iter().map(label).collect());
    set("fingerprint", finding.fingerprint.to_string().into());
    if let Some(field) = &diagnostic.field {
        set("field", shortened(field.to_string()).into());
    }
    if let Some(end) = finding.end {
        set("endLine", end.line.into());
        set("endColumn", end.column.into());
    }
    if let Some(reason) = &finding.suppressed {
        set("suppressed", reason.as_str().into());
    }
    if finding.lies_in == LiesIn::Base {
        set("inBase", true.into());
    }
    Value::Object(entry)
}

fn unchecked(unchecked: Unchecked) -> Value {
    let because = unchecked.need.map_or("switched off", |need| need.as_str());
    json!({"id": unchecked.rule.as_str(), "because": because})
}
