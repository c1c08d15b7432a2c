//! What people are told about their input: every refusal and every warning, one small case each.

use golden_support::{Compiled, Scenario, snapshot};
use libtest_mimic::Trial;
use portolan_compiler::diag::Severity;

use crate::case;

const AREA: &str = "diagnostics";

pub(crate) fn cases() -> Vec<Trial> {
    let test = |scenario: Scenario| {
        case(format!("{AREA}::{}", scenario.name), move || {
            check(&scenario);
        })
    };
    Scenario::all(AREA).into_iter().map(test).collect()
}

fn check(scenario: &Scenario) {
    let compiled = scenario.compile();
    snapshot(AREA, &scenario.name, compiled.told(&scenario.arguments()));
    let Compiled { outcome, .. } = compiled;
    let errors = outcome.report.count(Severity::Error);
    assert_eq!(
        outcome.prepared.is_none(),
        errors > 0,
        "what has errors is refused, and nothing else is"
    );
    for diagnostic in outcome.report.diagnostics {
        let message = diagnostic.message;
        assert!(!diagnostic.help.is_empty(), "{message:?} has no help");
        assert!(!message.ends_with('.'), "{message:?} ends as a sentence");
    }
}
