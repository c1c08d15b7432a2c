//! Records that are lost, and programs that hang: what is told, and the way out.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use portolan_runtime::report::Exit;

use super::clusters::{Cluster, both, holds};
use super::killed::{CALLS, points, traced};
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{STATE, on_node, portolan, program};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("failures::a_damaged_generation_stops_nothing", generation),
        Case::new("failures::a_damaged_journal_has_a_way_out", journal),
        Case::new("failures::lost_records_are_taken_from_the_node", taken),
        Case::new("failures::records_that_others_could_replace", replaced),
        Case::new("failures::a_program_that_hangs_is_ended", hung),
        Case::new("failures::a_signal_at_the_lock", at_the_lock),
    ]
}

fn record(name: &str) -> PathBuf {
    Path::new(STATE).join(name)
}

/// Flips a bit in the middle.
fn damage(name: &str) {
    let path = record(name);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
}

fn generation() {
    both();
    let new = Cluster::New.apply();
    let numbers = || {
        let list = on_node("history --output json").ends(Exit::Done).stdout;
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        let list = list.as_array().unwrap().clone();
        list.into_iter()
            .map(|one| one["generation"].as_u64().unwrap())
    };
    let last = numbers().max().unwrap();
    for number in numbers().filter(|number| *number != last) {
        damage(&format!("generations/{number}/generation.json"));
    }
    let history = on_node("history").ends(Exit::Done);
    assert!(history.stdout.contains("is damaged"), "{history}");
    on_node("rollback --yes").ends(Exit::NoInput);
    on_node(&format!("rollback --yes --to {}", last - 1)).ends(Exit::Data);
    on_node("recover").ends(Exit::Done);
    on_node("verify").ends(Exit::Done);
    assert_eq!(holds(), new);
    Cluster::Old.apply();
    on_node("rollback --yes --drain 0").ends(Exit::Done);
    assert_eq!(holds(), new);
}

/// Killed in the middle, and its marker is gone: nobody says that all is well.
fn journal() {
    let (old, new) = both();
    Cluster::Old.apply();
    let all = points(&Cluster::New.command(), &CALLS);
    Cluster::Old.apply();
    let half_way = |point: &&(&'static str, usize)| {
        assert_eq!(
            traced(&Cluster::New.command(), **point, "signal=KILL"),
            None
        );
        let now = holds();
        let cut = record("journal").exists() && now != old && now != new;
        if !cut {
            on_node("recover").ends(Exit::Done);
            Cluster::Old.apply();
        }
        cut
    };
    let found = all.iter().skip(all.len() / 2).step_by(4).find(half_way);
    assert!(found.is_some(), "never half way");
    let now = holds();
    fs::remove_file(record("journal/marker")).unwrap();
    for words in [
        "recover",
        "status",
        &Cluster::New.command(),
        "rollback --yes",
        "cleanup --yes",
    ] {
        let run = on_node(words).ends(Exit::Data);
        assert!(run.stderr.contains("journal/marker is damaged"), "{run}");
        assert!(run.stderr.contains("recover --to node"), "{run}");
        assert_eq!(holds(), now, "{words}");
    }
    let run = on_node("recover --to node").ends(Exit::Done);
    assert!(run.stderr.contains("aside/1/journal"), "{run}");
    assert_eq!(holds(), now);
    on_node("recover").ends(Exit::Done);
    on_node("verify").ends(Exit::Differs);
    Cluster::New.apply();
    assert_eq!(holds(), new);
    on_node("verify").ends(Exit::Done);
}

fn taken() {
    both();
    let new = Cluster::New.apply();
    for name in ["current", "inventory", "found"] {
        damage(name);
    }
    for words in ["recover", "verify", "status", "cleanup --yes"] {
        let run = on_node(words).ends(Exit::Data);
        assert!(run.stderr.contains("recover --to node"), "{words}: {run}");
    }
    on_node("recover --to node").ends(Exit::Done);
    assert_eq!(holds(), new);
    on_node("recover").ends(Exit::Done);
    // What was asked for is not known any more, and so nothing deviates from it.
    on_node("verify").ends(Exit::NoInput);
    on_node("status").ends(Exit::Done);
    Cluster::New.apply();
    assert_eq!(holds(), new);
    on_node("verify").ends(Exit::Done);
    damage("current");
    on_node("recover --to node").ends(Exit::Done);
    on_node("cleanup --yes").ends(Exit::Done);
    let left = Tool::new("ipvsadm -S -n").output();
    assert_eq!(left, "");
    assert!(!holds().contains("KUBE-SERVICES"), "{}", holds());
}

/// Whoever may write to a folder on the way could put other records in their place.
fn replaced() {
    fs::create_dir_all("/run/shared/of-us").unwrap();
    let allow =
        |mode| fs::set_permissions("/run/shared", fs::Permissions::from_mode(mode)).unwrap();
    let apply = |state: &str| portolan(&format!("{} --state-dir {state}", Cluster::Old.command()));
    allow(0o777);
    let run = apply("/run/shared/of-us/records").ends(Exit::NoPermission);
    assert!(
        run.stderr
            .contains("/run/shared may be written to by others"),
        "{run}"
    );
    allow(0o1777);
    apply("/run/shared/of-us/records").ends(Exit::Done);
    allow(0o755);
    Tool::new("chown 1234 /run/shared").run();
    apply("/run/shared/of-us/records").ends(Exit::NoPermission);
    Tool::new("chown 0 /run/shared").run();
    Tool::new("chown 1234 /run/shared/of-us/records/current").run();
    let run = apply("/run/shared/of-us/records").ends(Exit::NoPermission);
    assert!(run.stderr.contains("belongs to another user"), "{run}");
}

/// Puts a program in the place of one, which hangs the first time it is to change something.
fn wrap(name: &str) {
    let original = format!("/run/original-{name}");
    fs::copy(format!("/usr/sbin/{name}"), &original).unwrap();
    let wrapper = format!("/run/wrapper-{name}");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = restore ] && ! [ -e /run/hung ]; then\n  : >/run/hung\n  /bin/sleep 200\nfi\n\
         exec {original} \"$@\"\n"
    );
    fs::write(&wrapper, script).unwrap();
    for path in [&original, &wrapper] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    Tool::new(&format!("mount --bind {wrapper} /usr/sbin/{name}")).run();
}

/// A signal gives it some seconds more, and then it is ended: the apply is undone.
fn hung() {
    let old = Cluster::Old.apply();
    wrap("ipset");
    let mut child = program(&Cluster::New.command())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let since = Instant::now();
    while !Path::new("/run/hung").exists() {
        assert!(
            since.elapsed() < Duration::from_secs(100),
            "ipset never ran"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let signal = |name: &str| {
        let id = child.id().to_string();
        drop(Command::new("kill").args([name, &id]).status());
    };
    signal("-INT");
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(11), "{status}");
    assert_eq!(holds(), old);
    on_node("recover").ends(Exit::Done);
    on_node("verify").ends(Exit::Done);
    Cluster::New.apply();
}

/// From then on it waits for the lock.
fn until_it_catches_signals(child: &Child) {
    let path = format!("/proc/{}/status", child.id());
    let since = Instant::now();
    loop {
        let status = fs::read_to_string(&path).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        // The bits of SIGHUP, SIGINT and SIGTERM.
        if [1, 2, 15]
            .iter()
            .all(|number| caught & (1 << (number - 1)) != 0)
        {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(100), "it never does");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
}

fn at_the_lock() {
    let old = Cluster::Old.apply();
    let mut holder = Command::new("flock")
        .args([&format!("{STATE}/lock"), "sleep", "100"])
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = program(&format!("{} --lock-timeout 90", Cluster::New.command()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until_it_catches_signals(&child);
        let since = Instant::now();
        drop(
            Command::new("kill")
                .args([name, &child.id().to_string()])
                .status(),
        );
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{status}");
        assert!(since.elapsed() < Duration::from_secs(20));
    }
    assert_eq!(holds(), old);
    holder.kill().unwrap();
    holder.wait().unwrap();
    drop(Command::new("pkill").args(["-x", "sleep"]).status());
}
