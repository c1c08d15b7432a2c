//! One small renderer per output format. All of them write printable ASCII only: what manifests say
//! is escaped.

mod explain;
mod github;
mod json;
mod junit;
mod sarif;
mod text;

pub use explain::{explain, list};
pub use github::github;
pub use json::json;
pub use junit::junit;
pub use sarif::sarif;
pub use text::text;

use std::fmt::Write as _;

use crate::diag::Severity;

/// A JSON document with everything but ASCII escaped: it means the same, and cannot disturb a
/// terminal.
pub(crate) fn ascii(document: &serde_json::Value) -> String {
    let text = format!("{document:#}\n");
    let mut out = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        // Other characters stand within strings only; DEL is one that JSON itself lets pass.
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}
