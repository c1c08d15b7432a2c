//! Applied on an empty node a case is what kube-proxy left, and in every third case so is the next one
//! on top of it; the way back leads back, and in the end nothing is left.

use portolan_runtime::report::Exit;
use portolan_support::conformance::case::{Case as Conformance, Mode};
use portolan_support::conformance::programmed;

use crate::harness::Case;
use crate::node::portolan::{inputs, on_node};
use crate::node::read_once::read_once;
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
        .enumerate()
        .map(|(at, (case, next))| {
            let name = format!("apply::{case}");
            let extent = if at % 3 == 0 {
                Extent::Back
            } else {
                Extent::There
            };
            Case::new(name, move || there_further_and_back(&case, &next, extent))
        })
        .collect()
}

/// How far a case goes. Starting programs takes its time in an emulated kernel, and the way back
/// is the same code for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// There, and nothing to do once more.
    There,
    /// Further on top of it, and all the way back.
    Back,
}

fn there_further_and_back(case: &str, next: &str, extent: Extent) {
    let find = |name: &str| {
        let mut all = Conformance::all().into_iter();
        all.find(|case| case.name == name).unwrap()
    };
    let (case, next) = (find(case), find(next));
    // Its settings are there once it is.
    Tool::new("modprobe ip_vs").run();
    let empty = read_once();

    let wanted = apply(&case);
    same(&wanted, &holds(&case));
    let first = read_once();
    let again = on_node(&format!("apply --allow-empty {}", flags(&case))).ends(Exit::Done);
    assert!(again.stderr.contains("Nothing to do"), "{again}");
    if extent == Extent::There {
        return;
    }

    let wanted = apply(&next);
    same(&wanted, &holds(&next));
    on_node("rollback --drain 0 --yes").ends(Exit::Done);
    assert_eq!(read_once(), first, "the way back leads elsewhere");

    on_node("cleanup --drain 0 --yes").ends(Exit::Done);
    assert_eq!(read_once(), empty, "something is left");
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
    let emitted = programmed::comparable(&case.compile(Mode::Ipvs), Mode::Ipvs);
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
