//! A node that is not as it was asked to be: no answer reads as if all were well.

use std::fs;

use golden_support::{Portolan, Run, fixture, folder, snapshot};
use portolan_runtime::report::Exit;

use super::AREA;

/// What is told of a capture that is as manifests ask for it but for one file.
fn drifted(file: &str, change: impl Fn(&str) -> String, options: &str) -> Run {
    let case = fixture("plan/nothing-to-do");
    let capture = folder();
    for entry in fs::read_dir(format!("{case}/observed")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let text = if name == file { change(&text) } else { text };
        fs::write(capture.path().join(name), text).unwrap();
    }
    Portolan::new("diff -q --output")
        .words(options)
        .arg(format!("manifests:{case}"))
        .arg(format!("capture:{}", capture.path().display()))
        .hide(&capture)
        .run()
}

fn without(word: &'static str) -> impl Fn(&str) -> String {
    let lines = move |line: &&str| !line.contains(word);
    move |text| text.split_inclusive('\n').filter(lines).collect()
}

/// The table filter is gone, or was not shown.
fn without_filter(text: &str) -> String {
    let end = |at: usize| at + text[at..].find("COMMIT\n").unwrap() + "COMMIT\n".len();
    let start = text.find("*filter").unwrap();
    format!("{}{}", &text[..start], &text[end(start)..])
}

#[test]
fn what_users_meet_on_a_node_that_drifted_is_told() {
    let shown = |run: &Run| run.text().split_once("\n\n").unwrap().1.to_owned();
    let all = drifted("addresses", without("kube-ipvs0"), "human");
    let one = drifted("addresses", without("10.96.0.10/"), "human");
    let filter = drifted("iptables.save", without_filter, "human");
    let set = drifted("ipset.save", without("add KUBE-CLUSTER-IP "), "human");
    let mut told = String::new();
    for (what, run) in [
        ("no address of kube-ipvs0", &all),
        ("one address less", &one),
        ("no table filter", &filter),
        ("an empty set", &set),
    ] {
        assert_eq!(run.exit, Exit::Differs, "{what}: {run}");
        told.extend([format!("# {what}\n{}", shown(run))]);
    }
    snapshot(AREA, "drift", told);
}

#[test]
fn objects_that_differ_are_counted_in_every_format() {
    let mut told = String::new();
    for format in ["json", "markdown", "github", "gitlab"] {
        let run = drifted(
            "iptables.save",
            without("forwarding conntrack rule"),
            format,
        );
        assert_eq!(run.exit, Exit::Differs, "{format}: {run}");
        assert!(run.text().contains("kernel"), "{format}: {run}");
        told.push_str(run.text().lines().last().unwrap_or_default());
    }
    assert!(!told.contains("No Service changes"), "{told}");
}

/// Kubelets have chains of their own, and other software virtual servers.
#[test]
fn what_others_have_on_a_node_is_no_drift() {
    let canary = |text: &str| {
        text.replacen("*filter\n", "*filter\n:KUBE-KUBELET-CANARY - [0:0]\n", 1)
            .replacen(
                "*nat\n",
                "*nat\n:KUBE-KUBELET-CANARY - [0:0]\n:KUBE-MARK-DROP - [0:0]\n",
                1,
            )
    };
    let run = drifted("iptables.save", canary, "human");
    assert_eq!(run.exit, Exit::Done, "{run}");
    let keepalived = |text: &str| format!("{text}-A -f 7 -s wlc\n");
    let run = drifted("ipvs.rules", keepalived, "human");
    assert_eq!(run.exit, Exit::Done, "{run}");
}
