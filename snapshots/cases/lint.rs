//! Each rule of the catalogue by its two examples, which `--explain` shows too.

use std::collections::BTreeSet;

use golden_support::lint::{examples, lint_text, options};
use golden_support::snapshot;
use libtest_mimic::Trial;
use portolan_compiler::diag::{Alike, Style};
use portolan_compiler::lint::render::text;
use portolan_compiler::lint::{FindingKind, Report, RuleId};

use crate::case;

const AREA: &str = "lint";

pub(crate) fn cases() -> Vec<Trial> {
    let tests = examples().into_iter().flat_map(|(rule, examples, folder)| {
        let name = format!("{AREA}::{folder}");
        [
            case(format!("{name}::passes"), move || passes(examples.passes)),
            case(name, move || triggers(rule, examples.triggers, &folder)),
        ]
    });
    tests.collect()
}

/// What triggers a rule triggers it alone.
fn triggers(rule: RuleId, example: &str, folder: &str) {
    let (input, report) = lint_text(example, &options());
    let shown = text(&report, &input.sources, Style::Plain, Alike::Once);
    snapshot(AREA, folder, shown.trim_end());
    assert_eq!(rules_of(&report), BTreeSet::from([FindingKind::Rule(rule)]));
}

/// What passes a rule passes all.
fn passes(example: &str) {
    let (input, report) = lint_text(example, &options());
    let shown = text(&report, &input.sources, Style::Plain, Alike::Once);
    assert!(report.findings.is_empty(), "{shown}");
}

fn rules_of(report: &Report) -> BTreeSet<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}
