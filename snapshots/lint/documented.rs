//! `docs/lint.md` says what is so.

use std::fmt::Write as _;

use golden_support::lint::{lint_text, options};
use golden_support::{Portolan, fixture};
use portolan_compiler::diag::Code;
use portolan_compiler::lint::{Checked, FindingKind, RuleId};

const PAGE: &str = include_str!("../../docs/lint.md");

/// The text of the code blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("\n```{language}\n");
    let starts = PAGE.split(fence.as_str()).skip(1);
    starts.filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_rules_are_those_of_the_catalogue() {
    let mut table = "| rule | severity | what it finds |\n|---|---|---|\n".to_owned();
    for rule in RuleId::ALL {
        let entry = rule.entry();
        let severity = format!("{:?}", entry.severity).to_lowercase();
        let elsewhere = match entry.checked {
            Checked::Here { .. } => String::new(),
            Checked::Elsewhere(who) => format!(" (not by lint: {who})"),
        };
        let _ = writeln!(
            table,
            "| {rule} | {severity} | {}{elsewhere} |",
            entry.title
        );
    }
    let (_, written) = PAGE.split_once("input.\n\n|").expect("a table");
    assert_eq!(format!("|{written}"), table);
}

#[test]
fn the_demo_gives_what_the_page_shows() {
    let run = Portolan::new("lint -f").arg(fixture("demo")).run();
    let root = format!("{}/", env!("CARGO_MANIFEST_DIR"));
    let shown = blocks("")[0];
    let (_, shown) = shown
        .split_once('\n')
        .expect("the command, then its output");
    assert!(run.text().replace(&root, "").contains(shown), "{run}");
}

#[test]
fn the_settings_are_taken() {
    let settings = blocks("yaml")[1];
    let (_, report) = lint_text(settings, &options());
    // Settings alone are no Service.
    let kinds: Vec<FindingKind> = report.findings.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [FindingKind::Other(Code::NothingToLint)]);
    assert!(
        report
            .unchecked
            .iter()
            .any(|unchecked| unchecked.rule == RuleId::Ptl036)
    );
}
