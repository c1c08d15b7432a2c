//! The cases, a file for each subject.

mod fixed_point;
mod ipvs;
mod modules;

use crate::harness::Case;

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = modules::cases();
    cases.extend(ipvs::cases());
    cases.extend(fixed_point::cases());
    cases
}
