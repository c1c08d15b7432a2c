//! Each rule of the catalogue by its two examples, which `--explain` shows too.

use std::collections::BTreeSet;

use portolan_compiler::compile::{self, BaseServices, Input, Mode, NodeSelection, Silent};
use portolan_compiler::diag::{Code, Style};
use portolan_compiler::lint::render::text;
use portolan_compiler::lint::{Checked, Examples, Kind, Report, RuleId};

use super::{AREA, lint_text, options};
use crate::support::snapshot;

/// The rules that lint checks, with their examples and the folders these come from.
fn examples() -> Vec<(RuleId, Examples, String)> {
    let folders = std::fs::read_dir(crate::support::fixture(AREA)).expect("the fixtures");
    let folders: Vec<String> = folders
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    let examples = RuleId::ALL
        .iter()
        .filter_map(|rule| match rule.entry().checked {
            Checked::Here { examples, .. } => {
                let mut folders = folders.iter();
                let folder = folders.find(|folder| folder.starts_with(rule.as_str()));
                Some((*rule, examples, folder.expect("a folder").clone()))
            }
            Checked::Elsewhere(_) => None,
        });
    examples.collect()
}

fn rules_of(report: &Report) -> BTreeSet<Kind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn what_triggers_a_rule_triggers_it_alone() {
    let mut failed = Vec::new();
    for (rule, examples, folder) in examples() {
        let (input, report) = lint_text(examples.triggers, &options());
        let shown = text(&report, &input.sources, Style::Plain);
        let compare = || snapshot(AREA, &folder, shown.trim_end());
        let same = std::panic::catch_unwind(compare).is_ok();
        if !same || rules_of(&report) != BTreeSet::from([Kind::Rule(rule)]) {
            failed.push(folder);
        }
    }
    assert!(
        failed.is_empty(),
        "changed, or more than their rule: {failed:?}"
    );
}

#[test]
fn what_passes_a_rule_passes_all() {
    for (_, examples, folder) in examples() {
        let (input, report) = lint_text(examples.passes, &options());
        let shown = text(&report, &input.sources, Style::Plain);
        assert!(report.findings.is_empty(), "{folder}:\n{shown}");
    }
}

/// compile refuses a closed list of things; everything else that a rule finds compiles.
#[test]
fn compile_refuses_what_is_on_its_list_only() {
    const NODE: &str = "\
apiVersion: portolan.dev/v1alpha1
kind: NodeFacts
metadata: {name: node-a}
interfaces: [{name: eth0, addresses: [192.168.0.41/24]}]
";
    let refused: Vec<RuleId> = examples()
        .into_iter()
        .filter(|(_, examples, _)| {
            let mut input = Input::default();
            input
                .sources
                .add("input.yaml", examples.triggers.to_owned());
            input.sources.add("node.yaml", NODE.to_owned());
            let options = compile::Options {
                nodes: NodeSelection::Named("node-a".to_owned()),
                kube_version: None,
                mode: Some(Mode::Ipvs),
                base_services: BaseServices::Leave,
            };
            compile::prepare(&input, &options, &Silent)
                .prepared
                .is_none()
        })
        .map(|(rule, _, _)| rule)
        .collect();
    assert_eq!(
        refused,
        [
            RuleId::Ptl001,
            RuleId::Ptl002,
            RuleId::Ptl009,
            RuleId::Ptl017,
            RuleId::Ptl018,
            RuleId::Ptl024,
            RuleId::Ptl025,
            RuleId::Ptl040,
        ]
    );
}

#[test]
fn the_catalogue_is_whole_and_honest() {
    let ids: Vec<String> = RuleId::ALL.iter().map(ToString::to_string).collect();
    let expected: Vec<String> = (1..=43).map(|number| format!("PTL{number:03}")).collect();
    assert_eq!(ids, expected);
    for rule in RuleId::ALL {
        let entry = rule.entry();
        assert!(
            entry.title.is_ascii() && !entry.title.ends_with('.'),
            "{rule}"
        );
        assert!(
            entry.explanation.is_ascii() && entry.explanation.ends_with('.'),
            "{rule}"
        );
        assert_eq!(rule.as_str().parse(), Ok(*rule));
    }
    let elsewhere: Vec<&RuleId> = RuleId::ALL
        .iter()
        .filter(|rule| !rule.is_checked_here())
        .collect();
    assert_eq!(
        elsewhere,
        [&RuleId::Ptl020, &RuleId::Ptl035, &RuleId::Ptl041]
    );
}

/// The kinds of findings that the examples show; `diagnostics` asks which none does.
pub(crate) fn shown_codes() -> BTreeSet<Code> {
    let findings = examples()
        .into_iter()
        .flat_map(|(_, examples, _)| lint_text(examples.triggers, &options()).1.findings);
    findings.map(|finding| finding.diagnostic.code).collect()
}
