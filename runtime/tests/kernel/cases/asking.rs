//! Who is asked before a node is changed, and what becomes of the answer.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use portolan_runtime::report::Exit;

use super::failures::clusters::{Cluster, both, holds};
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{PROGRAM, STATE, on_node};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("asking::answers_at_a_terminal", at_a_terminal),
        Case::new("asking::without_a_terminal_it_takes_yes", without),
    ]
}

/// What is asked ends so.
const QUESTION: &str = "Only yes is taken for yes: ";

/// Runs the command at a terminal of its own and types this at the question; gives its exit code and
/// what the terminal showed. What follows the words is a shell's.
fn typing(words: &str, shell: &str, keys: &[u8]) -> (Option<i32>, String) {
    let command = format!("exec {PROGRAM} {words} --state-dir {STATE} {shell}");
    let mut script = Command::new("script")
        .args(["-qefc", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut hand, mut screen) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
    let (mut shown, mut part, mut asked) = (String::new(), [0; 4096], false);
    while let Ok(read @ 1..) = screen.read(&mut part) {
        shown.push_str(&String::from_utf8_lossy(&part[..read]));
        if !asked && shown.contains(QUESTION) {
            asked = true;
            hand.write_all(keys).unwrap();
        }
    }
    assert!(asked, "{words}: nobody was asked: {shown}");
    (script.wait().unwrap().code(), shown)
}

fn terminals() {
    Tool::new("mkdir -p /dev/pts").run();
    Tool::new("mount -t devpts -o ptmxmode=666 devpts /dev/pts").run();
}

fn asking(cluster: Cluster) -> String {
    cluster.command().replace(" --yes", "")
}

fn at_a_terminal() {
    terminals();
    let (old, new) = both();
    let apply = asking(Cluster::New);
    // Ctrl-C at the question ends it at once, and nobody waits for its lock.
    let (code, shown) = typing(&apply, "", b"\x03");
    assert_eq!(code, Some(130), "{shown}");
    on_node("recover --lock-timeout 0").ends(Exit::Done);
    let (code, shown) = typing(&apply, "", b"y\n");
    assert_eq!(code, Some(130), "{shown}");
    assert_eq!(holds(), old);
    // Wherever the other streams lead, the question comes to the terminal, and the plan with it.
    for shell in ["2>/run/log", "--output json", "-q >/dev/null 2>&1"] {
        let (code, shown) = typing(&apply, shell, b"no\n");
        assert_eq!(code, Some(130), "{shell}: {shown}");
        assert!(shown.contains("Plan: "), "{shell}: {shown}");
    }
    let (code, shown) = typing(&apply, "", b"yes\n");
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(holds(), new);
    let (code, shown) = typing("rollback --drain 0", "", b"yes\n");
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("Roll back to generation "), "{shown}");
    assert_eq!(holds(), old);
    let (code, shown) = typing("cleanup", "", b"\x03");
    assert_eq!(code, Some(130), "{shown}");
    assert_eq!(holds(), old);
}

fn without() {
    let (old, _) = both();
    let apply = asking(Cluster::New);
    for words in [
        &apply,
        "rollback",
        "cleanup",
        &format!("{apply} --takeover"),
    ] {
        let run = on_node(words).ends(Exit::Usage);
        assert!(run.stderr.contains("--yes"), "{run}");
        assert_eq!(holds(), old);
    }
    on_node(&asking(Cluster::Old)).ends(Exit::Done);
}
