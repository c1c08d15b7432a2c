//! Signals while it works, and readers that go away.

use std::process::{Command, Stdio};
use std::time::Duration;

use portolan_runtime::report::Exit;

use super::clusters::{Cluster, both, holds};
use crate::harness::Case;
use crate::node::portolan::{on_node, program};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("failures::signals_at_any_time", signals),
        Case::new("failures::a_reader_that_goes_away", reader),
    ]
}

fn signals() {
    let (old, new) = both();
    let mut at = Cluster::Old;
    let mut codes = std::collections::BTreeSet::new();
    for (turn, name) in ["-INT", "-TERM", "-HUP"].iter().cycle().take(9).enumerate() {
        let to = at.other();
        let mut child = program(&to.command())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(100 + 150 * turn as u64));
        drop(
            Command::new("kill")
                .args([*name, &child.id().to_string()])
                .status(),
        );
        let status = child.wait().unwrap();
        let code = status.code();
        codes.insert(code);
        let now = holds();
        let (from, wanted) = match to {
            Cluster::New => (&old, &new),
            Cluster::Old => (&new, &old),
        };
        let name = format!("{name} at turn {turn}: {status}");
        match code {
            Some(0) => {
                assert_eq!(now, *wanted, "{name}");
                at = to;
            }
            // Before it catches signals, before the first step, or undone.
            None | Some(11 | 130 | 143) => assert_eq!(now, *from, "{name}"),
            Some(_) => panic!("{name}"),
        }
        on_node("recover").ends(Exit::Done);
        assert_eq!(holds(), now, "{name}: nothing was left to recover");
    }
    assert!(codes.len() > 1, "{codes:?}");
}

/// As in `portolan apply … | head -0`: the work is done all the same.
fn reader() {
    Cluster::Old.apply();
    let mut child = program(&format!("{} --output json", Cluster::New.command()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    on_node("verify").ends(Exit::Done);
}
