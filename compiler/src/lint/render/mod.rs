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

use crate::diag::Severity;

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}
