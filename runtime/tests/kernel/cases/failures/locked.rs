//! Several at once.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use portolan_runtime::report::Exit;

use super::clusters::{Cluster, both, holds};
use crate::harness::Case;
use crate::node::portolan::{STATE, on_node, program};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("failures::a_lock_that_is_held", held),
        Case::new("failures::two_applies_at_once", two),
        Case::new(
            "failures::programs_hold_the_lock_of_who_was_killed",
            inherited,
        ),
    ]
}

/// Somebody who holds the lock for some seconds.
fn hold(seconds: &str) -> Child {
    let child = Command::new("flock")
        .args([&format!("{STATE}/lock"), "sleep", seconds])
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    child
}

fn held() {
    let old = Cluster::Old.apply();
    let mut holder = hold("60");
    let run = on_node(&format!("{} --lock-timeout 1", Cluster::New.command())).ends(Exit::Busy);
    assert!(run.stderr.contains("another portolan holds"), "{run}");
    assert_eq!(holds(), old);
    // Who only looks needs no lock.
    on_node("verify").ends(Exit::Done);
    holder.kill().unwrap();
    holder.wait().unwrap();
    // `sleep` has inherited it, and is gone by itself later; here it is ended.
    drop(Command::new("pkill").args(["-x", "sleep"]).status());
    let mut holder = hold("3");
    on_node(&format!("{} --lock-timeout 60", Cluster::New.command())).ends(Exit::Done);
    holder.wait().unwrap();
}

fn two() {
    let (old, new) = both();
    let start = |words: String| {
        program(&format!("{words} --lock-timeout 60"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    for _ in 0..2 {
        let all = [
            start(Cluster::New.command()),
            start(Cluster::Old.command()),
            start("rollback --drain 0 --yes".to_owned()),
        ];
        for child in all {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {said}", output.status);
        }
        let now = holds();
        assert!(now == old || now == new, "{now}");
        on_node("verify").ends(Exit::Done);
    }
}

/// A program that works on after portolan was killed keeps others away until it has ended.
fn inherited() {
    let (old, new) = both();
    // Stopped as soon as it is started, and let go later.
    let mut child = program(&Cluster::New.command())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = |name: &str| {
        let found = Command::new("pgrep").args(["-x", name]).output().unwrap();
        String::from_utf8(found.stdout)
            .unwrap()
            .lines()
            .next()
            .map(str::to_owned)
    };
    let tool = loop {
        if let Some(pid) = running("iptables-restor") {
            break Some(pid);
        }
        if child.try_wait().unwrap().is_some() {
            break None;
        }
    };
    let Some(tool) = tool else {
        // Too quick to be caught: the other cases have killed it at every call.
        assert_eq!(holds(), new);
        return;
    };
    let signal = |name: &str| drop(Command::new("kill").args([name, &tool]).status());
    signal("-STOP");
    child.kill().unwrap();
    child.wait().unwrap();
    let stopped = running("iptables-restor").is_some();
    if stopped {
        on_node("recover --lock-timeout 1").ends(Exit::Busy);
    }
    signal("-CONT");
    on_node("recover --lock-timeout 30").ends(Exit::Done);
    let now = holds();
    assert!(now == old || now == new, "{now}");
}
