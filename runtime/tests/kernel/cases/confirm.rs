//! An apply that has to be confirmed, where no systemd runs: a process of its own waits for the
//! deadline.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use portolan_runtime::host;
use portolan_runtime::report::Exit;
use serde_json::Value;

use crate::harness::Case;
use crate::node::Tool;
use crate::node::cluster::apply;
use crate::node::portolan::{STATE, on_node, program};
use crate::node::recording::virtual_servers;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "confirm::it_is_undone_although_the_apply_was_killed",
            killed,
        ),
        Case::new("confirm::it_is_kept_where_the_confirmation_comes", kept),
        Case::new("confirm::it_comes_too_late_after_the_deadline", late),
    ]
}

/// A node with one generation, and an apply of the next that waits for its confirmation; with the
/// virtual servers before it.
fn waiting(timeout: &str) -> (Child, String) {
    on_node(&apply(&["10.0.0.5"])).ends(Exit::Done);
    let before = virtual_servers();
    let words = apply(&["10.0.0.5", "10.0.0.6"]);
    let mut child = program(&format!("{words} --confirm-timeout {timeout}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let said = |line: &String| line.starts_with("In place.");
    assert!(stderr.lines().map(Result::unwrap).any(|line| said(&line)));
    (child, before)
}

fn journal() -> std::path::PathBuf {
    Path::new(STATE).join("journal")
}

fn until(done: impl Fn() -> bool) {
    while !done() {
        thread::sleep(Duration::from_millis(50));
    }
}

fn killed() {
    let (mut child, before) = waiting("3s");
    child.kill().unwrap();
    child.wait().unwrap();
    until(|| !journal().exists());
    assert_eq!(virtual_servers(), before);
    let told = on_node("status").ends(Exit::Done).stdout;
    assert!(told.starts_with("Generation 1 "), "{told}");
    on_node("verify").ends(Exit::Done);
}

fn kept() {
    let (mut child, before) = waiting("5m");
    let told = on_node("verify").ends(Exit::Unfinished);
    assert!(told.stdout.contains("waits for its confirmation"), "{told}");
    on_node("confirm").ends(Exit::Done);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let after = virtual_servers();
    assert_ne!(after, before);
    let told = on_node("status").ends(Exit::Done).stdout;
    assert!(told.starts_with("Generation 2 "), "{told}");
    on_node("confirm").ends(Exit::NoInput);
    on_node("recover").ends(Exit::Done);
    assert_eq!(virtual_servers(), after);
}

/// Nobody is left who would undo it, but whoever comes next.
fn late() {
    let (mut child, before) = waiting("10s");
    let id = child.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    Tool::new(&format!("kill -KILL {children}")).run();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_ne!(virtual_servers(), before);
    let head = fs::read_to_string(journal().join("transaction.json")).unwrap();
    let head: Value = serde_json::from_str(&head).unwrap();
    let deadline = head["deadline"].as_u64().unwrap();
    until(|| host::uptime().unwrap() >= deadline);
    let told = on_node("status").ends(Exit::Done).stdout;
    assert!(told.contains("was not confirmed in time"), "{told}");
    on_node("confirm").ends(Exit::Unconfirmed);
    assert_eq!(virtual_servers(), before);
    assert!(!journal().exists());
}
