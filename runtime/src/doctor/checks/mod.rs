//! Judges what a node says about itself: one file per subject, each a function of the readings.

mod leftovers;
mod modules;
mod privileges;
mod proxies;
mod tools;
mod unread;
mod variants;

#[cfg(test)]
mod tests;

use super::{Finding, Readings};

/// Everything that was found, the worst first.
pub fn findings(readings: &Readings) -> Vec<Finding> {
    let checks = [
        privileges::check,
        modules::check,
        tools::check,
        variants::check,
        proxies::check,
        leftovers::check,
        unread::check,
    ];
    let mut findings: Vec<Finding> = checks.iter().flat_map(|check| check(readings)).collect();
    findings.sort_by_key(|finding| (finding.id.severity(), finding.id));
    findings
}
