//! Plans and folders that say what no portolan wrote, with digests that are right: nothing is touched.

use std::fs;
use std::path::PathBuf;

use portolan_compiler::bundle::Digest;
use portolan_runtime::report::Exit;
use serde_json::Value;

use super::clusters::{Cluster, holds};
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{Run, on_node, portolan};

const PLAN: &str = "/run/plan.json";
const RULES: &str = "/run/rules";

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("failures::steps_of_ones_own_are_not_taken", steps),
        Case::new("failures::rules_of_ones_own_are_not_taken", rules),
        Case::new("failures::commands_of_nft_are_not_taken", commands),
        Case::new("failures::what_was_not_meant_is_not_taken", not_meant),
        Case::new("failures::pipes_are_no_plans", pipes),
    ]
}

/// A document with a digest that is right again.
fn vouched(document: &Value) -> String {
    let mut document = document.clone();
    document.as_object_mut().unwrap().remove("digest");
    let digest = Digest::of(format!("{document}\n").as_bytes());
    document["digest"] = digest.to_string().into();
    format!("{document}\n")
}

#[track_caller]
fn untouched(before: &str, run: Run, exit: Exit, says: &str) {
    let run = run.ends(exit);
    assert!(run.stderr.contains(says), "{run}");
    assert_eq!(holds(), before);
}

fn steps() {
    Tool::new("iptables -N mine").run();
    Tool::new("iptables -A INPUT -j mine").run();
    let before = holds();
    let words = format!("plan -q {} --out {PLAN}", Cluster::Old.flags());
    on_node(&words).ends(Exit::Done);
    let good: Value = serde_json::from_str(&fs::read_to_string(PLAN).unwrap()).unwrap();
    let apply = |document: &Value| {
        fs::write(PLAN, vouched(document)).unwrap();
        on_node(&format!("apply --drain 0 {PLAN}"))
    };
    let mut opened = good.clone();
    let text = good["steps"].to_string();
    let open = text.replace("-j KUBE-IPVS-FILTER", "-j ACCEPT");
    assert_ne!(open, text);
    opened["steps"] = serde_json::from_str(&open).unwrap();
    untouched(&before, apply(&opened), Exit::Untrusted, "step ");
    let mut cut = good.clone();
    let gone = cut["steps"].as_array_mut().unwrap().pop().unwrap();
    let id = gone["id"].as_u64().unwrap();
    untouched(
        &before,
        apply(&cut),
        Exit::Untrusted,
        &format!("ends before step {id}"),
    );
    let mut foreign = good.clone();
    let text = good["steps"].to_string();
    let named = text.replace("KUBE-IPVS-FILTER", "mine");
    foreign["steps"] = serde_json::from_str(&named).unwrap();
    untouched(&before, apply(&foreign), Exit::Untrusted, "step ");
    apply(&good).ends(Exit::Done);
    on_node("verify").ends(Exit::Done);
}

/// Compiles the old cluster in a mode.
fn compiled(mode: &str) {
    let flags = Cluster::Old.flags().replace("--max-removal 100", "");
    let words = format!("compile -q {flags} --mode {mode} --out {RULES}");
    portolan(&words).ends(Exit::Done);
}

/// Changes a file of the folder, and its sum in MANIFEST.
fn change(file: &str, change: impl FnOnce(&str) -> String) {
    let folder = PathBuf::from(RULES).join("nodes/node-a");
    let (path, manifest) = (folder.join(file), folder.join("MANIFEST"));
    let old = fs::read_to_string(&path).unwrap();
    let new = change(&old);
    assert_ne!(new, old);
    let sum = |text: &str| Digest::of(text.as_bytes()).to_string();
    let sums = fs::read_to_string(&manifest).unwrap();
    assert!(sums.contains(&sum(&old)));
    fs::write(manifest, sums.replace(&sum(&old), &sum(&new))).unwrap();
    fs::write(path, new).unwrap();
}

fn apply_rules() -> Run {
    on_node(&format!(
        "apply --yes --drain 0 {RULES} --node node-a --max-removal 100"
    ))
}

fn rules() {
    let before = holds();
    compiled("ipvs");
    change("iptables.restore", |text| {
        text.replacen("-I INPUT", "-I INPUT -j ACCEPT\n-I INPUT", 1)
    });
    let says = "portolan writes nothing here: \"-I INPUT -j ACCEPT\"";
    untouched(&before, apply_rules(), Exit::Data, says);
    compiled("ipvs");
    change("iptables.restore", |text| {
        text.replacen(
            "-A KUBE-FORWARD",
            "-A KUBE-FORWARD -j ACCEPT\n-A KUBE-FORWARD",
            1,
        )
    });
    untouched(&before, apply_rules(), Exit::Data, "iptables.restore: line");
    compiled("ipvs");
    apply_rules().ends(Exit::Done);
    on_node("verify").ends(Exit::Done);
}

fn commands() {
    Tool::new("nft add table ip mine").run();
    let before = holds();
    for line in [
        "flush ruleset",
        "include \"/run/mine.nft\"",
        "delete table ip mine",
    ] {
        compiled("nftables");
        change("ruleset.nft", |text| format!("{line}\n{text}"));
        untouched(&before, apply_rules(), Exit::Data, "ruleset.nft: line 1: ");
        Tool::new("nft list table ip mine").run();
    }
    compiled("nftables");
    apply_rules().ends(Exit::Done);
    Tool::new("nft list table ip mine").run();
}

/// Another target than the one that was reviewed, and what another node is to hold.
fn not_meant() {
    Cluster::Old.apply();
    let before = holds();
    let expected = format!("{} --expect 0123456789ab", Cluster::New.command());
    untouched(&before, on_node(&expected), Exit::Untrusted, "0123456789ab");
    let flags = Cluster::New.flags().replace("--max-removal 100", "");
    let flags = flags.replace("--node node-a", "--node node-b");
    let facts = "/run/new/facts.yaml";
    let text = fs::read_to_string(facts).unwrap();
    fs::write(facts, text.replace("node-a", "node-b")).unwrap();
    portolan(&format!("compile -q {flags} --out {RULES}")).ends(Exit::Done);
    let run = on_node(&format!("apply --yes --drain 0 {RULES}"));
    untouched(&before, run, Exit::Stale, "node-b");
    on_node(&format!("plan -q {flags} --max-removal 100 --out {PLAN}")).ends(Exit::Done);
    let text = fs::read_to_string(PLAN).unwrap();
    let mut elsewhere: Value = serde_json::from_str(&text).unwrap();
    elsewhere["observed"]["machine"] = Value::Null;
    fs::write(PLAN, vouched(&elsewhere)).unwrap();
    let run = on_node(&format!("apply --drain 0 {PLAN}"));
    untouched(&before, run, Exit::Stale, "node-b");
}

fn pipes() {
    let before = holds();
    Tool::new("mkfifo /run/pipe.json").run();
    for path in ["/run/pipe.json", "/dev/zero", "/dev/null"] {
        let run = on_node(&format!("apply plan:{path}"));
        untouched(&before, run, Exit::NoInput, path);
    }
}
