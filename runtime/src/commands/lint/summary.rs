//! The paragraph at the end of a run.

use std::fmt::Write as _;

use portolan_compiler::diag::Severity;
use portolan_compiler::english::count;
use portolan_compiler::escape::visible;
use portolan_compiler::lint::{Need, Report, RuleId};

use crate::commands::shared::summary::{others, used};

pub(super) fn text(report: &Report) -> String {
    let mut text = format!(
        "Linted {} with {}: {}, {}, {} for information",
        used(report.summary.services, "Service"),
        used(report.summary.endpoints, "endpoint"),
        count(report.count(Severity::Error), "error"),
        count(report.count(Severity::Warning), "warning"),
        report.count(Severity::Info),
    );
    // Writing to a String cannot fail.
    if report.suppressed() > 0 {
        let _ = write!(text, "; {} suppressed", report.suppressed());
    }
    if report.of_base() > 0 {
        let _ = write!(
            text,
            "; {} in the base alone, which fails nothing",
            report.of_base()
        );
    }
    if report.refused_in_base > 0 {
        let _ = write!(
            text,
            ", and compile refuses {} of them with the base",
            report.refused_in_base
        );
    }
    let here = RuleId::ALL
        .iter()
        .filter(|rule| rule.is_checked_here())
        .count();
    let _ = writeln!(
        text,
        ". Checked {} of {here} rules.{}",
        here - report.unchecked.len(),
        others(&report.summary.others)
    );
    if let Some(filtered) = &report.filtered {
        let _ = writeln!(text, "{}.", visible(&filtered.to_string()));
        let nobody = filtered.shown.services == 0;
        // What is missing is a finding then.
        for missing in filtered.shown.missing.iter().filter(|_| !nobody) {
            let _ = writeln!(text, "{}.", visible(&missing.to_string()));
        }
    }
    let services = report.summary.services;
    if services.total > 0 && services.used == 0 {
        text += "None of these Services is programmed on a node, so nothing could be found about their \
                 addresses, ports and endpoints. Manifests from Git have no cluster IPs: --base takes \
                 them from a dump of the running cluster.\n";
    }
    for need in [None].into_iter().chain(Need::ALL.map(Some)) {
        let rules: Vec<&str> = report
            .unchecked
            .iter()
            .filter(|unchecked| unchecked.need == need)
            .map(|unchecked| unchecked.rule.as_str())
            .collect();
        if !rules.is_empty() {
            let why = need.map_or("they are switched off", Need::as_str);
            let _ = writeln!(text, "Not checked, as {why}: {}.", rules.join(", "));
        }
    }
    text
}
