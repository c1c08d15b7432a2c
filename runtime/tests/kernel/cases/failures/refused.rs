//! Disks that are full or cannot be written, and what stands in the way.

use std::fs;

use portolan_runtime::report::Exit;

use super::clusters::{Cluster, holds};
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{STATE, on_node, portolan};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("failures::a_full_disk_stops_it_before_it_begins", full),
        Case::new("failures::records_that_cannot_be_written", read_only),
        Case::new("failures::records_that_others_may_write", shared),
        Case::new("failures::a_chain_in_use_is_not_cleaned_up", in_use),
        Case::new("failures::others_at_work_on_the_rules", busy),
    ]
}

fn full() {
    fs::create_dir(STATE).unwrap();
    Tool::new(&format!(
        "mount -t tmpfs -o size=400k,mode=700 tmpfs {STATE}"
    ))
    .run();
    let old = Cluster::Old.apply();
    // Room for less than a journal.
    let mut filler = 100;
    while filler > 0 {
        let path = format!("{STATE}/filler-{filler}");
        if fs::write(&path, vec![0; 4096]).is_err() {
            drop(fs::remove_file(&path));
            break;
        }
        filler -= 1;
    }
    let run = on_node(&Cluster::New.command()).ends(Exit::Io);
    assert!(run.stderr.contains("No space left"), "{run}");
    assert_eq!(holds(), old);
    on_node("recover").ends(Exit::Done);
    for file in fs::read_dir(STATE).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_str().unwrap().starts_with("filler") {
            fs::remove_file(file.path()).unwrap();
        }
    }
    Cluster::New.apply();
}

fn read_only() {
    fs::create_dir(STATE).unwrap();
    Tool::new(&format!("mount -t tmpfs -o mode=700 tmpfs {STATE}")).run();
    let old = Cluster::Old.apply();
    Tool::new(&format!("mount -o remount,ro {STATE}")).run();
    on_node(&Cluster::New.command()).ends(Exit::Io);
    assert_eq!(holds(), old);
    // What only reads needs no more.
    on_node("verify").ends(Exit::Done);
    on_node("history").ends(Exit::Done);
}

fn shared() {
    fs::create_dir(STATE).unwrap();
    Tool::new(&format!("chmod 777 {STATE}")).run();
    let run = on_node(&Cluster::Old.command()).ends(Exit::NoPermission);
    assert!(run.stderr.contains("may be written to by others"), "{run}");
    Tool::new(&format!("ln -s {STATE} /run/link")).run();
    let run = portolan(&format!("{} --state-dir /run/link", Cluster::Old.command()));
    run.ends(Exit::NoPermission);
}

/// A rule of somebody else leads into a chain of ours: the cleanup is undone as a whole.
fn in_use() {
    let old = Cluster::Old.apply();
    Tool::new("iptables -t nat -A POSTROUTING -s 192.0.2.1 -j KUBE-MARK-MASQ").run();
    let before = holds();
    let run = on_node("cleanup --yes").ends(Exit::RolledBack);
    assert!(run.stderr.contains("iptables-restore failed"), "{run}");
    assert_eq!(holds(), before);
    Tool::new("iptables -t nat -D POSTROUTING -s 192.0.2.1 -j KUBE-MARK-MASQ").run();
    assert_eq!(holds(), old);
    on_node("cleanup --yes").ends(Exit::Done);
}

/// There as long as others are at work.
const BUSY: &str = "busy";

/// Somebody adds and removes rules and tables all the time: neither loses any.
fn busy() {
    let old = Cluster::Old.apply();
    // Told to end, not killed: what it had just started would still be under way.
    fs::write(BUSY, "").unwrap();
    let script = format!(
        "while [ -e {BUSY} ]; do iptables -I INPUT -s 192.0.2.7 -j ACCEPT; \
         iptables -D INPUT -s 192.0.2.7 -j ACCEPT; \
         nft add table ip others; nft delete table ip others; done"
    );
    let mut others = std::process::Command::new("sh")
        .args(["-c", &script])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut at = Cluster::Old;
    for _ in 0..3 {
        let to = at.other();
        let run = on_node(&to.command());
        match run.exit {
            Exit::Done => at = to,
            // The node never was the same twice, or was not as it had been planned for.
            Exit::Busy | Exit::RolledBack | Exit::Unavailable => {}
            _ => panic!("{run}"),
        }
    }
    fs::remove_file(BUSY).unwrap();
    others.wait().unwrap();
    // What it could not take back, as it met a change of ours.
    let clean =
        "while iptables -D INPUT -s 192.0.2.7 -j ACCEPT; do :; done; nft delete table ip others";
    std::process::Command::new("sh")
        .args(["-c", clean])
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    on_node("verify").ends(Exit::Done);
    if at == Cluster::Old {
        assert_eq!(holds(), old);
    }
    Cluster::Old.apply();
    assert_eq!(holds(), old);
}
