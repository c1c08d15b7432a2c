//! The catalogue as a whole; each rule's examples are cases of their own.

use golden_support::lint::examples;
use portolan_compiler::compile::{
    self, BaseServices, EndpointsFrom, Input, Mode, NodeSelection, Silent,
};
use portolan_compiler::lint::RuleId;

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
                endpoints: EndpointsFrom::default(),
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
    let expected: Vec<String> = (1..=RuleId::ALL.len())
        .map(|number| format!("PTL{number:03}"))
        .collect();
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
