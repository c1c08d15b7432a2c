//! Killed at calls of the kernel, and recovered.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::{Command, Stdio};

use portolan_runtime::report::Exit;

use super::clusters::{Cluster, both, holds};
use crate::harness::{Case, KILL_STRIDE};
use crate::node::portolan::{PROGRAM, STATE, on_node};

/// Calls that touch the kernel's tables, the records, or a program.
pub(super) const CALLS: [&str; 10] = [
    "sendto", "write", "fsync", "rename", "mkdir", "unlink", "rmdir", "clone3", "wait4", "execve",
];

/// As many as fit into every run; `PORTOLAN_KILL_STRIDE=1` tries all.
const USUAL_STRIDE: usize = 16;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("failures::an_apply_killed_at_any_call_recovers", killed),
        Case::new(
            "failures::a_recovery_killed_at_any_call_recovers",
            killed_twice,
        ),
    ]
}

/// A call: its name, and which of that name it is.
pub(in crate::cases) type Point = (&'static str, usize);

/// The command below strace, which does something at a point; gives the exit code, if there is one.
pub(in crate::cases) fn traced(words: &str, (name, number): Point, what: &str) -> Option<i32> {
    let status = Command::new("strace")
        .args(["-qq", "-o", "/dev/null"])
        .args(["-e", &format!("trace={name}")])
        .args(["-e", &format!("inject={name}:{what}:when={number}")])
        .arg(PROGRAM)
        .args(words.split_whitespace())
        .args(["--state-dir", STATE])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    status.code()
}

/// The calls that a command makes, in order.
pub(in crate::cases) fn points(words: &str, calls: &[&'static str]) -> Vec<Point> {
    let log = "/run/calls";
    let status = Command::new("strace")
        .args(["-qq", "-o", log])
        .args(["-e", &format!("trace={}", calls.join(","))])
        .arg(PROGRAM)
        .args(words.split_whitespace())
        .args(["--state-dir", STATE])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{words}: {status}");
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let text = fs::read_to_string(log).unwrap();
    let points = text.lines().filter_map(|line| {
        let (name, _) = line.split_once('(')?;
        let name = calls.iter().find(|call| **call == name)?;
        let number = numbers.entry(name).or_default();
        *number += 1;
        Some((*name, *number))
    });
    points.collect()
}

pub(in crate::cases) fn stride() -> usize {
    let set = env::var(KILL_STRIDE);
    let set = set.ok().and_then(|text| text.parse().ok());
    set.unwrap_or(USUAL_STRIDE)
}

fn killed() {
    let (old, new) = both();
    let points = points(&Cluster::New.command(), &CALLS);
    assert!(points.len() > 60, "{points:?}");
    let mut at = Cluster::New;
    let mut seen = [0, 0];
    for point in points.into_iter().skip(1).step_by(stride()) {
        let to = at.other();
        let code = traced(&to.command(), point, "signal=KILL");
        assert_eq!(code, None, "{point:?} was not reached");
        // Programs that it had started may be at work still: recovery waits for them.
        on_node("recover").ends(Exit::Done);
        let now = holds();
        at = if now == old {
            Cluster::Old
        } else {
            assert_eq!(now, new, "killed at {point:?} on the way to {to:?}");
            Cluster::New
        };
        seen[usize::from(at == to)] += 1;
    }
    on_node("verify").ends(Exit::Done);
    assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
}

/// A recovery that has much to do: the apply before it was killed in its last phase, or in the middle.
fn killed_twice() {
    let (old, new) = both();
    let all = points(&Cluster::New.command(), &CALLS);
    let mut at = Cluster::New;
    for first in [all[all.len() * 3 / 5], all[all.len() * 9 / 10]] {
        for second in (1..).step_by(stride()) {
            let to = at.other();
            assert_eq!(traced(&to.command(), first, "signal=KILL"), None);
            let code = traced("recover", ("write", second), "signal=KILL");
            on_node("recover").ends(Exit::Done);
            let now = holds();
            assert!(now == old || now == new, "{first:?}, then write {second}");
            at = if now == old {
                Cluster::Old
            } else {
                Cluster::New
            };
            if code.is_some() {
                break;
            }
        }
    }
}
