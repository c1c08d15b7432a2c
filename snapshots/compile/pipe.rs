//! `--stdout`: raw or headed, text or not.

use golden_support::{Portolan, fixture, snapshot};
use portolan_runtime::report::Exit;

fn demo(words: &str) -> Portolan {
    Portolan::new("compile -q --stdout --node node-a -f")
        .arg(fixture("demo"))
        .words(words)
}

#[test]
fn several_artefacts_are_headed_and_the_binary_one_is_left_out() {
    let run = Portolan::new("compile --stdout --node node-b -f")
        .arg(fixture("demo"))
        .words("--only sysctl.conf,ipvs.timeouts,ipvs.nl")
        .run();
    assert_eq!(run.exit, Exit::Done);
    snapshot("compile", "stdout-several", run.to_string());
}

#[test]
fn netlink_messages_come_alone_and_can_be_shown() {
    let run = demo("--only ipvs.nl").run();
    assert_eq!((run.exit, run.stderr.as_str()), (Exit::Done, ""));
    let shown = Portolan::new("show -").stdin(run.stdout).run();
    assert_eq!(shown.exit, Exit::Done, "{shown}");
    snapshot("compile", "stdout-netlink-shown", shown.text());
}

#[test]
fn netlink_messages_of_two_nodes_do_not_mix() {
    let run = Portolan::new("compile -q --stdout --all-nodes --only ipvs.nl -f")
        .arg(fixture("demo"))
        .run();
    assert_eq!(run.exit, Exit::Usage);
    snapshot("compile", "stdout-netlink-all-nodes", run.to_string());
}

#[test]
fn all_nodes_come_sorted_by_name() {
    let run = Portolan::new("compile -q --stdout --all-nodes --only ipvs.timeouts -f")
        .arg(fixture("demo"))
        .run();
    assert_eq!(run.exit, Exit::Done);
    snapshot("compile", "stdout-all-nodes", run.to_string());
}
