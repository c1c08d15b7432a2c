//! Mode iptables is applied as any other, and a change of the mode is a plan like any other.

use portolan_runtime::cli::Exit;

use crate::conformance::case::{Case as Conformance, Mode};
use crate::conformance::expectation;
use crate::harness::Case;
use crate::node::glance::glance;
use crate::node::portolan::{inputs, on_node};
use crate::node::recording::{self, Recording, differences};
use crate::node::{Tool, Variant};

/// A few of each kind: the cases differ in their rules, which other tests compare for all of them.
pub(crate) fn cases() -> Vec<Case> {
    let some = Conformance::all().into_iter().step_by(6);
    some.flat_map(|case| {
        let name = case.name.clone();
        let mut cases = vec![Case::new(format!("modes::iptables_{name}"), move || {
            by_rules(&case);
        })];
        if cases_to_move(&name) {
            cases.push(Case::new(
                format!("modes::there_and_back_{name}"),
                move || {
                    there_and_back(&find(&name));
                },
            ));
        }
        cases
    })
    .collect()
}

fn cases_to_move(name: &str) -> bool {
    // Those with the most kinds of objects.
    Conformance::all()
        .iter()
        .step_by(18)
        .any(|case| case.name == name)
}

fn find(name: &str) -> Conformance {
    let mut all = Conformance::all().into_iter();
    all.find(|case| case.name == name).unwrap()
}

fn apply(case: &Conformance, mode: &str) -> String {
    let files = inputs(&case.name, case.inputs());
    let run = on_node(&format!(
        "apply --allow-empty --drain 0 --kube-version 1.30 --mode {mode} --yes {files}"
    ))
    .ends(Exit::Done);
    run.stderr
}

/// The rules, as they are compared.
fn rules() -> Recording {
    ["iptables", "ip6tables"]
        .into_iter()
        .map(|tables| {
            let file = format!("{tables}.save");
            let found = recording::iptables(tables, Variant::Nft);
            let found = expectation::comparable(&file, &found);
            (file, found)
        })
        .collect()
}

#[track_caller]
fn same(case: &Conformance) {
    let report = differences(("kube-proxy's", &case.expected(Mode::Iptables)), &rules());
    assert!(
        report.is_empty(),
        "the kernel holds something else:\n{report}"
    );
}

fn by_rules(case: &Conformance) {
    let empty = glance();
    apply(case, "iptables");
    same(case);
    let again = apply(case, "iptables");
    assert!(again.contains("Nothing to do"), "{again}");
    on_node("verify").ends(Exit::Done);
    on_node("cleanup --drain 0").ends(Exit::Done);
    assert_eq!(without_settings(&glance()), without_settings(&empty));
}

fn there_and_back(case: &Conformance) {
    // Its settings are there once it is.
    Tool::new("modprobe ip_vs").run();
    apply(case, "ipvs");
    let by_servers = glance();
    apply(case, "iptables");
    same(case);
    assert_eq!(recording::virtual_servers(), "");
    assert_eq!(Tool::new("ipset save").output(), "");
    on_node("verify").ends(Exit::Done);
    on_node("rollback --drain 0").ends(Exit::Done);
    assert_eq!(without_kubelets(&glance()), without_kubelets(&by_servers));
}

/// Nothing brings a setting back that was not there before, and other cases load modules meanwhile.
fn without_settings(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with("sysctl") && !line.starts_with("timeouts"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// KUBE-FIREWALL may be kubelet's, so it stays.
fn without_kubelets(text: &str) -> String {
    text.lines()
        .filter(|line| !line.contains("KUBE-FIREWALL"))
        .collect::<Vec<_>>()
        .join("\n")
}
