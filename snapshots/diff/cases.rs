//! Every case, as text.

use portolan_runtime::report::Exit;

use super::{AREA, diff};
use crate::support::{Scenario, snapshot};

/// Without the paths, which say where the test runs.
fn shown(text: &str) -> String {
    text.replace(
        &format!("{}/fixtures/diff/", env!("CARGO_MANIFEST_DIR")),
        "",
    )
}

#[test]
fn every_case_is_told() {
    for case in Scenario::all(AREA) {
        let run = diff(&case.name, "").run();
        snapshot(AREA, &case.name, shown(&run.to_string()));
        let equal = case.name == "order-of-documents";
        let expected = if equal { Exit::Done } else { Exit::Differs };
        assert_eq!(run.exit, expected, "{}", case.name);
    }
}

#[test]
fn nothing_differs_from_itself() {
    for case in Scenario::all(AREA) {
        let side = crate::support::fixture(&format!("diff/{}/new", case.name));
        for view in ["service", "kernel", "unified"] {
            let run = crate::support::Portolan::new("diff --view")
                .words(view)
                .arg(&*side)
                .arg(&*side)
                .run();
            assert_eq!(run.exit, Exit::Done, "{} {view}: {run}", case.name);
        }
    }
}

/// Beside nothing all of it comes, on each of its nodes.
#[test]
fn what_there_is_comes_beside_nothing() {
    for case in Scenario::all(AREA) {
        let side = crate::support::fixture(&format!("diff/{}/new", case.name));
        for view in ["service", "kernel", "unified"] {
            let diff = |old: &str, new: &str| {
                let command = crate::support::Portolan::new("diff --view").words(view);
                command.arg(old).arg(new).run()
            };
            let run = diff("@nothing", &side);
            assert_eq!(run.exit, Exit::Differs, "{} {view}: {run}", case.name);
            let goes = run.text().lines().find(|line| line.starts_with("     - "));
            assert_eq!(goes, None, "{} {view}: {run}", case.name);
            assert_eq!(diff("@nothing", "@nothing").exit, Exit::Done, "{view}");
        }
    }
}

/// Whatever the two are, the other way round what came goes.
#[test]
fn there_and_back_is_as_much() {
    for case in Scenario::all(AREA) {
        let count = |run: &crate::support::Run, sign: &str| {
            let lines = run.text().lines();
            lines
                .filter(|line| line.starts_with(&format!("     {sign} ")))
                .count()
        };
        let there = diff(&case.name, "--view kernel").run();
        let back = crate::support::Portolan::new("diff --view kernel")
            .arg(super::side(&case.name, "new"))
            .arg(super::side(&case.name, "old"))
            .run();
        assert_eq!(count(&there, "+"), count(&back, "-"), "{}", case.name);
        assert_eq!(count(&there, "-"), count(&back, "+"), "{}", case.name);
        assert_eq!(count(&there, "~"), count(&back, "~"), "{}", case.name);
    }
}
