//! The cases, a file for each subject.

mod apply;
mod asking;
mod behaviour;
mod bundles;
mod confirm;
mod doctor;
mod failures;
mod fixed_point;
mod ipvs;
mod modes;
mod modules;
mod nftables;
mod nodes;
mod observe;
mod review;
mod speed;
mod status;
mod steps;
mod systemd;
mod traffic;
mod verbs;
mod written_before;

use crate::harness::Case;

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = modules::cases();
    cases.extend(nodes::cases());
    cases.extend(ipvs::cases());
    cases.extend(doctor::cases());
    cases.extend(observe::cases());
    cases.extend(fixed_point::cases());
    cases.extend(steps::cases());
    cases.extend(apply::cases());
    cases.extend(modes::cases());
    cases.extend(failures::cases());
    cases.extend(status::cases());
    cases.extend(confirm::cases());
    cases.extend(asking::cases());
    cases.extend(systemd::cases());
    cases.extend(traffic::cases());
    cases.extend(behaviour::cases());
    cases.extend(verbs::cases());
    cases.extend(written_before::cases());
    cases.extend(bundles::cases());
    cases.extend(nftables::cases());
    cases.extend(review::cases());
    cases.extend(speed::cases());
    cases
}
