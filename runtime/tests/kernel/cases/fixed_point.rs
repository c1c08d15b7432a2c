//! What the tools print after they were given the artefacts is what the artefacts say, and what
//! kube-proxy left in a kernel.

use portolan_compiler::bundle::ArtefactKind;
use portolan_runtime::host;
use portolan_runtime::report::Exit;
use portolan_support::conformance::case::{Case as Conformance, Mode};
use portolan_support::conformance::programmed;

use crate::harness::Case;
use crate::node::portolan::{inputs, on_node};
use crate::node::program::program;
use crate::node::recording::{self, differences, record};
use crate::node::{Tool, Variant};

/// One for each conformance case.
pub(crate) fn cases() -> Vec<Case> {
    Conformance::all()
        .into_iter()
        .map(|case| {
            let name = format!("fixed_point::{}", case.name);
            Case::new(name, move || holds(&case))
        })
        .collect()
}

/// What others programmed so is taken over without touching it.
fn take_over(case: &Conformance) {
    let look = || {
        let found = host::read_once(&*host::machine().unwrap()).unwrap();
        found.canonical()
    };
    let before = look();
    let flags = inputs(&case.name, case.inputs());
    let run = on_node(&format!(
        "apply --takeover --yes --allow-empty --kube-version 1.30 --mode ipvs {flags}"
    ))
    .ends(Exit::Done);
    assert!(
        run.stderr.contains("Applied generation 1: 0 steps."),
        "{run}"
    );
    assert_eq!(look(), before);
}

fn holds(case: &Conformance) {
    let artefacts = case.compile(Mode::Ipvs);
    let emitted = programmed::comparable(&artefacts, Mode::Ipvs);
    for artefact in &artefacts.files {
        // These say the same as the virtual servers before them.
        if artefact.kind != ArtefactKind::IpvsNetlink {
            program(artefact, Variant::Nft);
        }
    }
    let mut found = record(&emitted["sysctl"], Variant::Nft);
    let mut report = differences(("emitted", &emitted), &found);
    report.push_str(&differences(
        ("kube-proxy's", &case.expected(Mode::Ipvs)),
        &found,
    ));

    take_over(case);

    Tool::new("ipvsadm -C").run();
    for artefact in &artefacts.files {
        if artefact.kind == ArtefactKind::IpvsNetlink {
            program(artefact, Variant::Nft);
        }
    }
    found.insert("ipvs.rules".to_owned(), recording::virtual_servers());

    // Both variants' rules may be there at once.
    for artefact in &artefacts.files {
        if matches!(
            artefact.kind,
            ArtefactKind::Iptables | ArtefactKind::Ip6tables
        ) {
            program(artefact, Variant::Legacy);
        }
    }
    for tables in ["iptables", "ip6tables"] {
        let legacy = recording::iptables(tables, Variant::Legacy);
        found.insert(format!("{tables}.save"), legacy);
    }
    report.push_str(&differences(("emitted", &emitted), &found));
    assert!(
        report.is_empty(),
        "the kernel holds something else:\n{report}"
    );
}
