//! Bundles on a node that trusts keys: what is refused leaves it untouched, and no way leads back.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use minisign::KeyPair;
use portolan_runtime::report::Exit;

use super::failures::clusters::{Cluster, holds};
use super::failures::killed::{points, traced};
use crate::harness::Case;
use crate::node::portolan::{on_node, portolan};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("bundles::nothing_but_what_is_signed_is_taken", only_signed),
        Case::new("bundles::no_way_back_after_a_kill", no_way_back),
    ]
}

const KEYS: &str = "/run/etc/trusted-keys";
const TRUSTED: &str = "--trusted-keys /run/etc/trusted-keys --yes --drain 0";

/// Makes a key, `NAME.key`, and gives its public one.
fn key(name: &str) -> String {
    let pair = KeyPair::generate_unencrypted_keypair().unwrap();
    let secret = pair.sk.to_box(None).unwrap().into_string();
    fs::write(format!("/run/{name}.key"), secret).unwrap();
    pair.pk.to_base64()
}

fn trust(lines: &str) {
    fs::create_dir_all("/run/etc").unwrap();
    fs::set_permissions("/run/etc", fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(KEYS, lines).unwrap();
    fs::set_permissions(KEYS, fs::Permissions::from_mode(0o644)).unwrap();
}

/// A bundle of a cluster of this edition, signed with a key; its path.
fn bundle(cluster: Cluster, counter: u64, key: &str) -> String {
    let path = format!("/run/{cluster:?}-{counter}-{key}.portolan");
    let rules = format!("/run/rules-{cluster:?}");
    if !Path::new(&rules).exists() {
        let flags = cluster.flags();
        let flags = flags.replace("--max-removal 100", "");
        portolan(&format!("compile {flags} --out {rules}")).ends(Exit::Done);
    }
    portolan(&format!(
        "bundle create {rules} --out {path} --cluster prod --counter {counter}"
    ))
    .ends(Exit::Done);
    portolan(&format!("sign --key /run/{key}.key {path}")).ends(Exit::Done);
    path
}

fn only_signed() {
    let ours = key("ours");
    let theirs = key("theirs");
    let good = bundle(Cluster::Old, 147, "ours");
    let next = bundle(Cluster::New, 148, "ours");
    let foreign = bundle(Cluster::Old, 147, "theirs");
    let copy = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let path = format!("/run/{name}.portolan");
        let mut bytes = fs::read(&good).unwrap();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        fs::copy(format!("{good}.minisig"), format!("{path}.minisig")).unwrap();
        path
    };
    let flipped = copy("flipped", &|bytes| bytes[700] ^= 1);
    let cut = copy("cut", &|bytes| bytes.truncate(900));
    let newer = copy("newer", &|bytes| bytes[16] = b'2');
    let alone = copy("alone", &|_| {});
    fs::remove_file(format!("{alone}.minisig")).unwrap();
    let crossed = copy("crossed", &|_| {});
    fs::copy(format!("{next}.minisig"), format!("{crossed}.minisig")).unwrap();
    let node = "--node node-a";
    let before = holds();
    let refused = |lines: &str, words: &str, exit: Exit, part: &str| {
        trust(lines);
        let run = on_node(&format!("apply {words} {TRUSTED}")).ends(exit);
        assert!(run.stderr.contains(part), "{words}: {run}");
        assert_eq!(holds(), before, "{words}");
    };
    for (lines, words, exit, part) in [
        (
            &*ours,
            format!("rules:/run/rules-Old {node}"),
            Exit::Untrusted,
            "a folder has no signature",
        ),
        (
            &ours,
            Cluster::Old.flags(),
            Exit::Untrusted,
            "manifests has no signature",
        ),
        (
            &ours,
            format!("{alone} {node}"),
            Exit::Untrusted,
            "no signature beside it",
        ),
        (
            &ours,
            format!("{flipped} {node}"),
            Exit::Untrusted,
            "digest does not match",
        ),
        (&ours, format!("{cut} {node}"), Exit::Untrusted, "was cut"),
        (
            &ours,
            format!("{newer} {node}"),
            Exit::Data,
            "format \"2\" is not known",
        ),
        (
            &ours,
            format!("{crossed} {node}"),
            Exit::Untrusted,
            "not of this file",
        ),
        (
            &ours,
            format!("{foreign} {node}"),
            Exit::Untrusted,
            "not among the trusted keys",
        ),
        (
            "",
            format!("{good} {node}"),
            Exit::Untrusted,
            "not among the trusted keys",
        ),
        (
            &format!("{ours}\nrevoked {ours}\n"),
            format!("{good} {node}"),
            Exit::Untrusted,
            "is revoked",
        ),
        (
            &format!("{ours} cluster=staging\n"),
            format!("{good} {node}"),
            Exit::Untrusted,
            "not for prod",
        ),
        (
            "nonsense\n",
            format!("{good} {node}"),
            Exit::Data,
            "is no public key",
        ),
        (&ours, good.clone(), Exit::Stale, "node-a"),
        (
            &ours,
            format!("{good} {node} --expect 000000000000"),
            Exit::Untrusted,
            "is expected",
        ),
    ] {
        refused(lines, &words, exit, part);
    }
    trust(&format!("{theirs} cluster=staging\n{ours} cluster=prod\n"));
    let applied =
        on_node(&format!("apply {good} {node} --max-removal 100 {TRUSTED}")).ends(Exit::Done);
    assert!(applied.stderr.contains("prod 147, signed by"), "{applied}");
    let old = holds();
    on_node(&format!("apply {next} --max-removal 100 {TRUSTED}")).ends(Exit::Done);
    let new = holds();
    // Neither the older bundle nor one of another cluster; but what was here before.
    let older = on_node(&format!("apply {good} {TRUSTED}")).ends(Exit::Untrusted);
    assert!(older.stderr.contains("has had prod 148 already"), "{older}");
    assert_eq!(holds(), new);
    on_node(&format!("rollback {TRUSTED}")).ends(Exit::Done);
    assert_eq!(holds(), old);
    let older = on_node(&format!("apply {good} {TRUSTED}")).ends(Exit::Untrusted);
    assert!(older.stderr.contains("has had prod 148 already"), "{older}");
    on_node(&format!(
        "apply {good} --allow-older --max-removal 100 {TRUSTED}"
    ))
    .ends(Exit::Done);
    on_node(&format!(
        "apply rules:/run/rules-New {node} --unsigned --max-removal 100 {TRUSTED}"
    ))
    .ends(Exit::Done);
    let history = on_node("history").ends(Exit::Done).stdout;
    for part in [
        "prod 148, signed by",
        "older than what the node had",
        "taken with --unsigned",
    ] {
        assert!(history.contains(part), "{part}: {history}");
    }
    // Nothing comes back that a revoked key has signed.
    trust(&format!("{theirs}\n{ours}\nrevoked {ours}\n"));
    let held = holds();
    let revoked = on_node(&format!("rollback --to 1 {TRUSTED}")).ends(Exit::Untrusted);
    assert!(revoked.stderr.contains("is revoked"), "{revoked}");
    assert_eq!(holds(), held);
}

fn no_way_back() {
    trust(&key("ours"));
    let bundles = [
        bundle(Cluster::Old, 1, "ours"),
        bundle(Cluster::New, 2, "ours"),
    ];
    let apply = |path: &str| format!("apply {path} --node node-a --max-removal 100 {TRUSTED}");
    on_node(&apply(&bundles[0])).ends(Exit::Done);
    let old = holds();
    // Where the calls are, another cluster's records say: counters of this one are not raised.
    let words = apply(&bundles[1]);
    let all = points(&words, &["write", "rename"]);
    let new = holds();
    on_node(&format!("rollback {TRUSTED}")).ends(Exit::Done);
    assert_eq!(holds(), old);
    let mut counter = 3;
    for point in all.into_iter().step_by(super::failures::killed::stride()) {
        let to = if holds() == old {
            Cluster::New
        } else {
            Cluster::Old
        };
        let path = bundle(to, counter, "ours");
        let before = holds();
        if traced(&apply(&path), point, "signal=KILL").is_some() {
            // It had less to write than the first.
            continue;
        }
        on_node("recover").ends(Exit::Done);
        let now = holds();
        assert!(now == old || now == new, "{point:?}");
        if now != before {
            // The new state is there, and so is its counter.
            let earlier = bundle(to.other(), counter - 1, "ours");
            let refused = on_node(&apply(&earlier)).ends(Exit::Untrusted);
            assert!(
                refused.stderr.contains(&format!("has had prod {counter}")),
                "{refused}"
            );
            assert_eq!(holds(), now);
        }
        counter += 1;
    }
    assert!(counter > 5, "{counter}");
}
