//! Applied on an empty node a case is what kube-proxy left, and so is the next case on top of it; the
//! way back leads back, and in the end nothing is left.

use portolan_runtime::cli::Exit;

use crate::conformance::case::{Case as Conformance, Mode};
use crate::conformance::programmed;
use crate::harness::Case;
use crate::node::portolan::{inputs, on_node};
use crate::node::recording::{Recording, differences, record};
use crate::node::{Tool, Variant};

/// One for each conformance case.
pub(crate) fn cases() -> Vec<Case> {
    let all = Conformance::all();
    let next = all.iter().cycle().skip(1);
    let pairs = all.iter().zip(next);
    let pairs = pairs.map(|(case, next)| (case.name.clone(), next.name.clone()));
    let pairs: Vec<(String, String)> = pairs.collect();
    pairs
        .into_iter()
        .map(|(case, next)| {
            let name = format!("apply::{case}");
            Case::new(name, move || there_further_and_back(&case, &next))
        })
        .collect()
}

fn there_further_and_back(case: &str, next: &str) {
    let find = |name: &str| {
        let mut all = Conformance::all().into_iter();
        all.find(|case| case.name == name).unwrap()
    };
    let (case, next) = (find(case), find(next));
    let settings = settings(&case);
    // Its settings are there once it is.
    Tool::new("modprobe ip_vs").run();
    let empty = record(&settings, Variant::Nft);

    let first = apply(&case);
    same(&first, &holds(&case));
    let again = on_node(&format!("apply --allow-empty {}", flags(&case))).ends(Exit::Done);
    assert!(again.stderr.contains("Nothing to do"), "{again}");
    on_node("verify").ends(Exit::Done);

    let second = apply(&next);
    same(&second, &holds(&next));
    on_node("rollback").ends(Exit::Done);
    same(&first, &holds(&case));

    on_node("cleanup").ends(Exit::Done);
    let left = differences(
        ("empty", &without_tables(empty)),
        &without_tables(record(&settings, Variant::Nft)),
    );
    assert!(left.is_empty(), "something is left:\n{left}");
    let history = on_node("history").ends(Exit::Done);
    assert_eq!(history.stdout.lines().count(), 5, "{history}");
}

/// Applies a case; gives what kube-proxy left of it.
fn apply(case: &Conformance) -> Recording {
    on_node(&format!(
        "apply --max-removal 100 --allow-empty --drain 0 {}",
        flags(case)
    ))
    .ends(Exit::Done);
    case.expected(Mode::Ipvs)
}

fn flags(case: &Conformance) -> String {
    let files = case.inputs();
    format!(
        "--kube-version 1.30 --mode ipvs --yes {}",
        inputs(&case.name, files)
    )
}

/// The settings that a case asks for.
fn settings(case: &Conformance) -> String {
    let emitted = programmed::comparable(&case.compile(Mode::Ipvs));
    emitted["sysctl"].clone()
}

fn holds(case: &Conformance) -> Recording {
    record(&settings(case), Variant::Nft)
}

#[track_caller]
fn same(wanted: &Recording, found: &Recording) {
    let report = differences(("kube-proxy's", wanted), found);
    assert!(
        report.is_empty(),
        "the node holds something else:\n{report}"
    );
}

/// Tables that were looked at stay, with nothing but the kernel's own chains.
fn without_tables(mut recording: Recording) -> Recording {
    for file in ["iptables.save", "ip6tables.save"] {
        let text = recording.get_mut(file).unwrap();
        let rules: String = text
            .lines()
            .filter(|line| !line.starts_with(['*', ':']) && *line != "COMMIT")
            .map(|line| format!("{line}\n"))
            .collect();
        *text = rules;
    }
    recording
}
