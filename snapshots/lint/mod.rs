//! What lint finds: an example for each rule, and one that is fine; output formats; suppressions and
//! settings.

mod command;
mod conformance;
mod documented;
mod rules;
mod settings;

const AREA: &str = "lint";
