//! Plans that are not good any more, or never were.

use std::fs;

use portolan_runtime::report::Exit;

use super::clusters::{Cluster, holds};
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{on_node, program};

const PLAN: &str = "/run/plan.json";

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("failures::a_plan_is_good_once", once),
        Case::new(
            "failures::a_plan_is_good_for_the_state_it_was_made_on",
            stale,
        ),
        Case::new("failures::a_plan_is_good_for_one_node", elsewhere),
        Case::new("failures::a_plan_that_was_changed_is_refused", changed),
    ]
}

fn plan(cluster: Cluster) {
    let words = format!("plan -q {} --out {PLAN}", cluster.flags());
    on_node(&words).ends(Exit::Done);
}

fn apply() -> crate::node::portolan::Run {
    on_node(&format!("apply --drain 0 {PLAN}"))
}

fn once() {
    Cluster::Old.apply();
    plan(Cluster::New);
    apply().ends(Exit::Done);
    let run = apply().ends(Exit::Stale);
    assert!(
        run.stderr.contains("address 10.96.0.2 on kube-ipvs0"),
        "{run}"
    );
}

fn stale() {
    Cluster::Old.apply();
    plan(Cluster::New);
    Tool::new("ipvsadm -e -t 10.96.0.1:80 -r 10.244.0.6:80 -m -w 7").run();
    let before = holds();
    // One that the plan has no step for is named all the same.
    let run = apply().ends(Exit::Stale);
    let named = "destination 10.96.0.1:80/TCP -> 10.244.0.6:80";
    assert!(run.stderr.contains(named), "{run}");
    let shown = on_node(&format!("show {PLAN}")).ends(Exit::Done);
    assert!(
        shown
            .stdout
            .contains("would not take it: the plan is stale"),
        "{shown}"
    );
    assert!(shown.stdout.contains(named), "{shown}");
    assert_eq!(holds(), before);
    Tool::new("ipvsadm -e -t 10.96.0.1:80 -r 10.244.0.6:80 -m -w 1").run();
    Tool::new("ipvsadm -e -t 10.96.0.1:80 -r 10.244.0.5:80 -m -w 7").run();
    let run = apply().ends(Exit::Stale);
    assert!(
        run.stderr
            .contains("destination 10.96.0.1:80/TCP -> 10.244.0.5:80"),
        "{run}"
    );
    Tool::new("ipvsadm -e -t 10.96.0.1:80 -r 10.244.0.5:80 -m -w 1").run();
    let shown = on_node(&format!("show {PLAN}")).ends(Exit::Done);
    assert!(shown.stdout.contains("would take it"), "{shown}");
    apply().ends(Exit::Done);
}

fn elsewhere() {
    Cluster::Old.apply();
    plan(Cluster::New);
    let before = holds();
    on_node(&format!("apply {PLAN} --node node-b")).ends(Exit::Stale);
    // The same machine, another network namespace.
    let inside = program(&format!("apply {PLAN}"));
    let mut command = std::process::Command::new("unshare");
    command
        .args(["--net"])
        .arg(inside.get_program())
        .args(inside.get_args());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(i32::from(Exit::Stale.code())),
        "{said}"
    );
    assert!(said.contains("another network namespace"), "{said}");
    assert_eq!(holds(), before);
}

fn changed() {
    Cluster::Old.apply();
    plan(Cluster::New);
    let before = holds();
    let text = fs::read_to_string(PLAN).unwrap();
    let change = |text: &str, exit| {
        fs::write(PLAN, text).unwrap();
        apply().ends(exit);
        assert_eq!(holds(), before);
    };
    change(
        &text.replacen("10.244.0.9", "10.244.0.8", 1),
        Exit::Untrusted,
    );
    change(&text[..text.len() / 2], Exit::Data);
    let version = "\"formatVersion\":\"";
    let newer = text.replacen(&format!("{version}2."), &format!("{version}3."), 1);
    assert_ne!(newer, text);
    change(&newer, Exit::Data);
    change("{}", Exit::Data);
    fs::write(PLAN, &text).unwrap();
    apply().ends(Exit::Done);
}
