//! A plan's steps, carried out in the kernel, lead where the plan says: forwards to what kube-proxy
//! left, backwards to what there was.

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::mode::NodeState;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{Claims, Plan, Step, plan};
use portolan_runtime::host::{self, Node};
use portolan_support::conformance::case::{Case as Conformance, Mode};
use portolan_support::conformance::programmed;

use super::observe::same_as_expected;
use crate::harness::Case;
use crate::node::Variant;
use crate::node::read_once::without_empty_tables;
use crate::node::recording::{differences, record};

/// That joined steps lead there is what applying proves.
pub(crate) fn cases() -> Vec<Case> {
    vec![Case::new("steps::one_at_a_time", one_at_a_time)]
}

/// Nothing depends on steps being joined.
fn one_at_a_time() {
    let all = Conformance::all();
    let small = |case: &&Conformance| case.name.contains("source-ranges");
    let case = all.iter().find(small).unwrap_or(&all[0]);
    lead_there_and_back(case);
}

fn lead_there_and_back(case: &Conformance) {
    let artefacts = case.compile(Mode::Ipvs);
    let expected = case.expected(Mode::Ipvs);
    let emitted = programmed::comparable(&artefacts, Mode::Ipvs);
    let files = artefacts.files.iter();
    let files = files.map(|file| (file.kind, file.bytes.clone())).collect();
    let desired = NodeState::from_artefacts(&files).unwrap();
    let node = host::node().unwrap();
    let modules = String::from_utf8(files[&ArtefactKind::ModulesLoad].clone()).unwrap();
    node.load(&modules.lines().collect::<Vec<_>>()).unwrap();

    let before = observed();
    let plan = planned(&desired, &before);
    carry_out(&*node, &plan.steps);
    let there = record(&emitted["sysctl"], Variant::Nft);
    let report = differences(("kube-proxy's", &expected), &there);
    assert!(report.is_empty(), "the steps lead elsewhere:\n{report}");
    let found = observed();
    same_as_expected(&found, case);
    let again = planned(&desired, &found);
    assert!(again.is_empty(), "steps are left: {:#?}", again.steps);

    carry_out(&*node, &plan.inverse());
    assert_eq!(observed(), before, "the way back leads elsewhere");
}

fn carry_out(node: &dyn Node, steps: &[Step]) {
    for steps in steps.chunks(1) {
        if let Err(error) = node.carry_out(steps) {
            panic!("{error:?}\nin {steps:#?}");
        }
    }
}

/// What the kernel holds; tables in which nothing is left are as good as none.
fn observed() -> Observed {
    let machine = host::machine().unwrap();
    without_empty_tables(host::observe(&*machine).unwrap().observed)
}

fn planned(desired: &NodeState, observed: &Observed) -> Plan {
    plan(desired, observed, &Claims::default()).unwrap()
}
