//! Judges what a node says about itself: one file per subject, each a function of the readings.

mod ipv6;
mod leftovers;
mod modules;
mod privileges;
mod proxies;
mod tools;
mod unread;
mod variants;

#[cfg(test)]
mod tests;

use portolan_compiler::model::Mode;

use super::{Finding, Readings};

/// Everything that is wrong with a node for a proxy mode, the worst first.
pub fn findings(readings: &Readings, mode: Mode) -> Vec<Finding> {
    let of_any_mode = [
        privileges::check,
        variants::check,
        proxies::check,
        unread::check,
        ipv6::check,
    ];
    let of_mode = [modules::check, tools::check, leftovers::check];
    let of_any_mode = of_any_mode.iter().flat_map(|check| check(readings));
    let of_mode = of_mode.iter().flat_map(|check| check(readings, mode));
    let mut findings: Vec<Finding> = of_any_mode.chain(of_mode).collect();
    findings.sort_by_key(|finding| (finding.id.severity(), finding.id));
    findings
}
