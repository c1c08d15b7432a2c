//! Diagnostics as one JSON document, for machines.

use serde_json::{Map, Value, json};

use crate::diag::bound::shortened;
use crate::diag::{Diagnostic, Label, LeftOut, Location, Report, Severity};
use crate::escape;

/// Renders a report as a JSON document with sorted keys and a final newline.
///
/// Each diagnostic has `code`, `severity`, `message`, `help` and `also`; `file`, `line` and
/// `column` where it is about text, `object` and `field` where it is about an object. Within
/// `also`, `label` says what the place has to do with it. Where there are too many alike, `leftOut`
/// counts those that are not told: `code`, `severity` and `count`.
pub fn json(report: &Report) -> String {
    let diagnostics: Vec<Value> = report.diagnostics.iter().map(diagnostic).collect();
    let mut document = json!({
        "format": "portolan-diagnostics",
        "formatVersion": "1.0",
        "diagnostics": diagnostics,
    });
    if !report.left_out.is_empty() {
        let counts = report.left_out.iter();
        document["leftOut"] = counts
            .map(|one| left_out("code", one.sort.as_str(), one))
            .collect();
    }
    escape::json(&document)
}

fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let mut entry = place(diagnostic.object.as_deref(), diagnostic.location.as_ref());
    entry.insert("code".to_owned(), diagnostic.code.as_str().into());
    entry.insert("severity".to_owned(), severity(diagnostic.severity).into());
    if let Some(field) = &diagnostic.field {
        let field = shortened(field.to_string());
        entry.insert("field".to_owned(), field.into());
    }
    entry.insert("message".to_owned(), diagnostic.message.as_str().into());
    entry.insert("help".to_owned(), diagnostic.help.as_str().into());
    entry.insert(
        "also".to_owned(),
        diagnostic.also.iter().map(label).collect(),
    );
    Value::Object(entry)
}

/// How many findings of a sort are counted only.
pub(crate) fn left_out<Sort>(key: &str, sort: &str, left_out: &LeftOut<Sort>) -> Value {
    json!({ key: sort, "severity": severity(left_out.severity), "count": left_out.count })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// Another place, and what it has to do with a finding.
pub(crate) fn label(label: &Label) -> Value {
    let mut entry = place(label.object.as_deref(), label.location.as_ref());
    entry.insert("label".to_owned(), label.text.as_str().into());
    Value::Object(entry)
}

/// Where something was found, as far as that is known.
pub(crate) fn place(object: Option<&str>, location: Option<&Location>) -> Map<String, Value> {
    let mut entry = Map::new();
    if let Some(object) = object {
        entry.insert("object".to_owned(), object.into());
    }
    if let Some(Location { file, start, .. }) = location {
        entry.insert("file".to_owned(), file.as_str().into());
        entry.insert("line".to_owned(), start.line.into());
        entry.insert("column".to_owned(), start.column.into());
    }
    entry
}
