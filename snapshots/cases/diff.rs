//! Every folder of `fixtures/diff`: what is told of its two sides, and what holds of any two.

use golden_support::diff::{diff, side};
use golden_support::{Portolan, Run, Scenario, fixture, snapshot};
use libtest_mimic::Trial;
use portolan_runtime::report::Exit;

use crate::case;

const AREA: &str = "diff";
const VIEWS: [&str; 3] = ["service", "kernel", "unified"];

/// What is checked of a case.
type Check = fn(&str);

pub(crate) fn cases() -> Vec<Trial> {
    let checks: [(&str, Check); 4] = [
        ("", told),
        ("::equals-itself", equals_itself),
        ("::comes-beside-nothing", comes_beside_nothing),
        ("::there-and-back", there_and_back),
    ];
    let tests = |scenario: Scenario| {
        checks.map(|(suffix, check)| {
            let name = scenario.name.clone();
            case(format!("{AREA}::{name}{suffix}"), move || check(&name))
        })
    };
    Scenario::all(AREA).into_iter().flat_map(tests).collect()
}

fn told(name: &str) {
    let run = diff(name, "").run();
    // Without the paths, which say where the test runs.
    snapshot(AREA, name, run.to_string().replace(&fixture("diff/"), ""));
    let equal = name == "order-of-documents";
    let expected = if equal { Exit::Done } else { Exit::Differs };
    assert_eq!(run.exit, expected);
}

fn equals_itself(name: &str) {
    let side = fixture(&format!("diff/{name}/new"));
    for view in VIEWS {
        let run = compare(view, &side, &side);
        assert_eq!(run.exit, Exit::Done, "{view}: {run}");
    }
}

/// Beside nothing all of it comes, on each of its nodes.
fn comes_beside_nothing(name: &str) {
    let side = fixture(&format!("diff/{name}/new"));
    for view in VIEWS {
        let run = compare(view, "@nothing", &side);
        assert_eq!(run.exit, Exit::Differs, "{view}: {run}");
        let goes = run.text().lines().find(|line| line.starts_with("     - "));
        assert_eq!(goes, None, "{view}: {run}");
        assert_eq!(
            compare(view, "@nothing", "@nothing").exit,
            Exit::Done,
            "{view}"
        );
    }
}

/// Whatever the two are, the other way round what came goes.
fn there_and_back(name: &str) {
    let count = |run: &Run, sign: &str| {
        let start = format!("     {sign} ");
        let lines = run.text().lines();
        lines.filter(|line| line.starts_with(&start)).count()
    };
    let there = compare("kernel", &side(name, "old"), &side(name, "new"));
    let back = compare("kernel", &side(name, "new"), &side(name, "old"));
    assert_eq!(count(&there, "+"), count(&back, "-"));
    assert_eq!(count(&there, "-"), count(&back, "+"));
    assert_eq!(count(&there, "~"), count(&back, "~"));
}

fn compare(view: &str, old: &str, new: &str) -> Run {
    Portolan::new("diff --view")
        .words(view)
        .arg(old)
        .arg(new)
        .run()
}
