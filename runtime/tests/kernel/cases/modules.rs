//! The modules that artefacts name.

use std::collections::BTreeSet;

use portolan_compiler::bundle::ArtefactKind;

use crate::conformance::case::{Case as Conformance, Mode};
use crate::harness::Case;
use crate::node::Tool;

pub(crate) fn cases() -> Vec<Case> {
    vec![Case::new("modules::each_one_loads", each_one_loads)]
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
