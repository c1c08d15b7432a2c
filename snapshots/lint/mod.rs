//! What lint finds: an example for each rule, and one that is fine; output formats; suppressions and
//! settings.

mod command;
mod conformance;
mod documented;
pub(crate) mod rules;
mod settings;

use portolan_compiler::compile::{BaseServices, Input, Silent};
use portolan_compiler::lint::{Options, Report, lint};

const AREA: &str = "lint";

fn options() -> Options {
    Options {
        node: None,
        kube_version: None,
        mode: None,
        base_services: BaseServices::Leave,
        disabled: Vec::new(),
    }
}

/// Lints a text under the name `input.yaml`.
fn lint_text(text: &str, options: &Options) -> (Input, Report) {
    let mut input = Input::default();
    input.sources.add("input.yaml", text.to_owned());
    let report = lint(&input, options, &Silent);
    (input, report)
}
