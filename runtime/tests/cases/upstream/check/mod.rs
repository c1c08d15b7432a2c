//! What cases ask: each kind gives what differs from upstream.

mod answer;
mod choice;
mod flow;
mod ipvs;
mod rules;

use super::Case;
use super::portolan::Portolan;
use crate::Complaints;

/// Asks all that a case asks, of one release.
pub(super) fn all(case: &Case, portolan: &Portolan<'_>) -> Complaints {
    let asked: Vec<Complaints> = [
        case.facts
            .get("choice")
            .map(|want| choice::check(case, want, portolan)),
        case.facts
            .get("flow")
            .map(|want| flow::check(case, want, portolan)),
        case.facts
            .get("answer")
            .map(|want| answer::check(case, want, portolan)),
        case.facts
            .get("ipvs")
            .map(|want| ipvs::check(want, portolan)),
        case.facts
            .get("rules")
            .map(|want| rules::check(case, want, portolan)),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(!asked.is_empty(), "{} asks nothing", case.name);
    asked.concat()
}

/// A complaint where two values differ.
fn compare<T: PartialEq + std::fmt::Debug>(what: &str, ours: &T, upstream: &T) -> Complaints {
    if ours == upstream {
        return Complaints::new();
    }
    vec![format!(
        "{what}\n  ours     {ours:?}\n  upstream {upstream:?}"
    )]
}
