//! Texts that are linted, and the examples of the catalogue.

use std::collections::BTreeSet;

use portolan_compiler::compile::{BaseServices, EndpointsFrom, Input, Silent};
use portolan_compiler::diag::Code;
use portolan_compiler::lint::{self, Checked, Examples, Options, Report, RuleId, SettingsFrom};
use portolan_compiler::model::Filter;

/// Lint as it is without flags.
pub fn options() -> Options {
    Options {
        node: None,
        kube_version: None,
        mode: None,
        base_services: BaseServices::Leave,
        endpoints: EndpointsFrom::default(),
        disabled: Vec::new(),
        filter: Filter::default(),
        settings: SettingsFrom::Input,
    }
}

/// Lints a text under the name `input.yaml`.
pub fn lint_text(text: &str, options: &Options) -> (Input, Report) {
    let mut input = Input::default();
    input.sources.add("input.yaml", text.to_owned());
    let report = lint::lint(&input, options, &Silent);
    (input, report)
}

/// The rules that lint checks, with their examples and the folders of `fixtures/lint` that these come
/// from.
pub fn examples() -> Vec<(RuleId, Examples, String)> {
    let folders = crate::names(crate::fixture("lint").as_ref());
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

/// The kinds of findings that the examples show.
pub fn shown_codes() -> BTreeSet<Code> {
    let findings = examples()
        .into_iter()
        .flat_map(|(_, examples, _)| lint_text(examples.triggers, &options()).1.findings);
    findings.map(|finding| finding.diagnostic.code).collect()
}
