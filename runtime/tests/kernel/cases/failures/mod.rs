//! Whatever fails: afterwards the node holds the old state or the new one, and the exit code says
//! which.

pub(super) mod clusters;
mod errors;
pub(super) mod killed;
mod locked;
mod plans;
mod records;
mod refused;
mod signals;
mod taken;

use crate::harness::Case;

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = killed::cases();
    cases.extend(errors::cases());
    cases.extend(refused::cases());
    cases.extend(locked::cases());
    cases.extend(plans::cases());
    cases.extend(records::cases());
    cases.extend(signals::cases());
    cases.extend(taken::cases());
    cases
}
