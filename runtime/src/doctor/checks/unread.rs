//! What could not be looked at.

use crate::doctor::{Finding, FindingId, Readings};

pub(super) fn check(readings: &Readings) -> Vec<Finding> {
    let finding = |unread: &crate::doctor::Unread| {
        Finding::new(
            FindingId::Unread,
            format!("could not look at {}: {}", unread.what, unread.why),
            ["the findings say nothing about it; make it readable and run this again"],
        )
    };
    readings.unread.iter().map(finding).collect()
}
