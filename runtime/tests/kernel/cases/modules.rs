//! The modules that artefacts name.

use std::collections::BTreeSet;

use portolan_compiler::bundle::ArtefactKind;
use portolan_runtime::report::Exit;
use portolan_support::conformance::case::{Case as Conformance, Mode};

use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{inputs, on_node, portolan};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![Case::new("modules::each_one_loads", each_one_loads)];
    for mode in ["ipvs", "iptables", "nftables"] {
        let name = format!("modules::none_to_be_seen_in_mode_{mode}");
        cases.push(Case::new(name, move || without_modules(mode)));
    }
    cases
}

/// As in a container: the kernel finds its modules, and `modprobe` does not.
fn without_modules(mode: &str) {
    Tool::new("mount -t tmpfs tmpfs /lib/modules").run();
    let case = Conformance::all()
        .into_iter()
        .find(|case| case.name == "rand-1001")
        .unwrap();
    let files = inputs(&case.name, case.inputs());
    let words = format!("apply --kube-version 1.30 --mode {mode} --drain 0 --yes {files}");
    on_node(&words).ends(Exit::Done);
    on_node("verify").ends(Exit::Done);
    // What is not loaded for good is no fault of the node's.
    let doctor = portolan(&format!("doctor --mode {mode}"));
    assert!(!doctor.stdout.contains("modules-missing"), "{doctor}");
    on_node("cleanup --drain 0 --yes").ends(Exit::Done);
}

fn each_one_loads() {
    let mut modules = BTreeSet::new();
    for case in Conformance::all() {
        let artefacts = case.compile(Mode::Ipvs);
        let named = artefacts
            .files
            .into_iter()
            .find(|file| file.kind == ArtefactKind::ModulesLoad);
        let text = String::from_utf8(named.unwrap().bytes).unwrap();
        modules.extend(text.lines().map(str::to_owned));
    }
    assert!(modules.contains("ip_vs"), "{modules:?}");
    for module in modules {
        Tool::new(&format!("modprobe {module}")).run();
    }
}
