//! Calls of the kernel that fail, as they may when memory is short or a signal comes.

use portolan_runtime::report::Exit;

use super::clusters::{Cluster, both, holds};
use super::killed::{points, stride, traced};
use crate::harness::Case;
use crate::node::portolan::on_node;

const ERRORS: [&str; 5] = ["ENOBUFS", "EINTR", "EAGAIN", "ENOMEM", "EPERM"];

/// Calls that ask the kernel or tell it something.
const CALLS: [&str; 2] = ["sendto", "recvfrom"];

pub(super) fn cases() -> Vec<Case> {
    vec![Case::new(
        "failures::calls_that_fail_are_told_or_mended",
        fail,
    )]
}

fn fail() {
    let (old, new) = both();
    let points = points(&Cluster::New.command(), &CALLS);
    assert!(points.len() > 20, "{points:?}");
    let mut at = Cluster::New;
    let mut codes = std::collections::BTreeSet::new();
    for (point, error) in points
        .iter()
        .zip(ERRORS.iter().cycle())
        .skip(1)
        .step_by(stride())
    {
        let to = at.other();
        let name = format!("{error} at {point:?} on the way to {to:?}");
        let code = traced(&to.command(), *point, &format!("error={error}"));
        let code = code.unwrap_or_else(|| panic!("{name}: killed"));
        codes.insert(code);
        let now = holds();
        let (from, wanted) = match to {
            Cluster::New => (&old, &new),
            Cluster::Old => (&new, &old),
        };
        match u8::try_from(code).unwrap() {
            // Tried again, or not needed.
            0 => assert_eq!(now, *wanted, "{name}"),
            // Nothing was touched, or it was undone.
            11 | 69 | 74 | 75 | 77 => assert_eq!(now, *from, "{name}"),
            other => panic!("{name}: exit {other}"),
        }
        on_node("recover").ends(Exit::Done);
        assert_eq!(holds(), now, "{name}: nothing was left to recover");
        at = if now == old {
            Cluster::Old
        } else {
            Cluster::New
        };
    }
    assert!(codes.contains(&0) && codes.len() > 1, "{codes:?}");
}
