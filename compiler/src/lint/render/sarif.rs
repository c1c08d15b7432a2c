//! Findings as SARIF 2.1.0, which code scanning services take.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diag::bound::shortened;
use crate::diag::{Label, LeftOut, Location, Severity};
use crate::escape::{self, visible};
use crate::lint::{Checked, Examples, Finding, FindingKind, Report, RuleId};
use crate::source::LineColumn;

/// Renders a report as a SARIF log with one run and a final newline.
pub fn sarif(report: &Report) -> String {
    let mut kinds: Vec<FindingKind> = report.findings.iter().map(|finding| finding.kind).collect();
    let checked = RuleId::ALL.iter().filter(|rule| rule.is_checked_here());
    kinds.extend(checked.map(|rule| FindingKind::Rule(*rule)));
    kinds.sort_unstable();
    kinds.dedup();
    let indices: BTreeMap<FindingKind, usize> = kinds.iter().copied().zip(0..).collect();
    let mut log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "portolan",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": kinds.iter().map(|kind| rule(*kind)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": report
                .findings
                .iter()
                .map(|finding| result(finding, indices[&finding.kind]))
                .collect::<Vec<_>>(),
        }],
    });
    let beyond = report.left_out.iter().chain(&report.suppressed_left_out);
    let filtered = report.filtered.iter();
    let filtered = filtered.map(|one| {
        json!({"level": "note", "message": {"text": escape::sarif(&visible(&one.to_string()))}})
    });
    let notes: Vec<Value> = beyond.map(left_out).chain(filtered).collect();
    if !notes.is_empty() {
        log["runs"][0]["invocations"] =
            json!([{"executionSuccessful": true, "toolExecutionNotifications": notes}]);
    }
    escape::json(&log)
}

/// Results that are counted only, as a note of the tool's.
fn left_out(left_out: &LeftOut<FindingKind>) -> Value {
    json!({
        "level": level(left_out.severity),
        "message": {"text": left_out.message()},
        "associatedRule": {"id": left_out.sort.id()},
        "properties": {"count": left_out.count},
    })
}

fn rule(kind: FindingKind) -> Value {
    let FindingKind::Rule(rule) = kind else {
        return json!({"id": kind.id()});
    };
    let entry = rule.entry();
    json!({
        "id": entry.id,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.explanation},
        "help": {"text": help(rule), "markdown": help_markdown(rule)},
        "defaultConfiguration": {"level": level(entry.severity)},
    })
}

fn help(rule: RuleId) -> String {
    let entry = rule.entry();
    let elsewhere = match entry.checked {
        Checked::Here { .. } => String::new(),
        Checked::Elsewhere(who) => format!(" Not checked by lint: {who}."),
    };
    format!(
        "{}{elsewhere} See: portolan lint --explain {rule}",
        entry.explanation
    )
}

/// The page of the rule, which code scanning services show beside its findings.
fn help_markdown(rule: RuleId) -> String {
    let entry = rule.entry();
    let mut text = format!("{}\n", entry.explanation);
    // Writing to a String cannot fail.
    if !entry.source.is_empty() {
        let _ = writeln!(text, "\nSource: {}.", entry.source);
    }
    match entry.checked {
        Checked::Here { examples, .. } => {
            let Examples { triggers, passes } = examples;
            let _ = write!(
                text,
                "\nThis triggers it:\n\n```yaml\n{triggers}```\n\nThis does not:\n\n```yaml\n{passes}```\n"
            );
        }
        Checked::Elsewhere(who) => {
            let _ = writeln!(text, "\nLint does not check it: {who}.");
        }
    }
    text
}

fn result(finding: &Finding, index: usize) -> Value {
    let diagnostic = &finding.diagnostic;
    let mut text = escape::sarif(&diagnostic.message);
    if !diagnostic.help.is_empty() {
        text.push_str(". Help: ");
        text.push_str(&escape::sarif(&diagnostic.help));
    }
    let mut result = json!({
        "ruleId": finding.kind.id(),
        "ruleIndex": index,
        "level": level(diagnostic.severity),
        "message": {"text": text},
        "partialFingerprints": {"portolanLint/v1": finding.fingerprint.to_string()},
    });
    let mut place = json!({});
    if let Some(location) = &diagnostic.location {
        place["physicalLocation"] = physical(location, finding.end);
    }
    if let Some(object) = &diagnostic.object {
        let field = diagnostic
            .field
            .as_ref()
            .map(|field| format!(" {}", shortened(field.to_string())));
        let name = format!("{object}{}", field.unwrap_or_default());
        place["logicalLocations"] =
            json!([{"fullyQualifiedName": visible(&name), "kind": "object"}]);
    }
    result["locations"] = match place.as_object() {
        Some(place) if !place.is_empty() => json!([place]),
        _ => json!([]),
    };
    if !diagnostic.also.is_empty() {
        let related = diagnostic.also.iter().filter_map(related);
        result["relatedLocations"] = related.collect();
    }
    if let Some(reason) = &finding.suppressed {
        result["suppressions"] =
            json!([{"kind": "inSource", "status": "accepted", "justification": visible(reason)}]);
    }
    result
}

fn related(label: &Label) -> Option<Value> {
    Some(json!({
        "physicalLocation": physical(label.location.as_ref()?, None),
        "message": {"text": escape::sarif(&label.text)},
    }))
}

fn physical(location: &Location, end: Option<LineColumn>) -> Value {
    let mut region = json!({
        "startLine": location.start.line,
        "startColumn": location.start.column,
    });
    if let Some(end) = end {
        region["endLine"] = end.line.into();
        region["endColumn"] = end.column.into();
    }
    json!({"artifactLocation": {"uri": uri(&location.file)}, "region": region})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a relative reference: what URIs give a meaning is percent-encoded (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}

fn digit(value: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_whole_and_its_fences_end() {
        for rule in RuleId::ALL {
            let text = help_markdown(*rule);
            let entry = rule.entry();
            assert!(text.contains(entry.explanation), "{text}");
            let fences = text.lines().filter(|line| line.starts_with("```")).count();
            match entry.checked {
                Checked::Here { examples, .. } => {
                    assert_eq!(fences, 4, "{text}");
                    assert!(text.contains(examples.triggers) && text.contains(examples.passes));
                }
                Checked::Elsewhere(who) => {
                    assert_eq!(fences, 0, "{text}");
                    assert!(text.contains(who), "{text}");
                }
            }
        }
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("shop/cart-1.yaml"), "shop/cart-1.yaml");
        assert_eq!(uri("<stdin> a:b"), "%3Cstdin%3E%20a%3Ab");
        assert_eq!(uri("\u{e9}"), "%C3%A9");
    }
}
