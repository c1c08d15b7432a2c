//! Nodes that lack something: IPv6, a root file system that can be written, `modprobe`.

use portolan_runtime::report::Exit;
use portolan_support::conformance::case::Case as Conformance;

use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{Run, inputs, on_node, portolan};
use crate::node::read_once::read_once as holds;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![Case::new("nodes::a_read_only_root", read_only_root)];
    for mode in ["ipvs", "iptables", "nftables"] {
        let name = format!("nodes::ipv6_switched_off_in_mode_{mode}");
        cases.push(Case::new(name, move || without_ipv6(mode)));
        let name = format!("nodes::no_modprobe_in_mode_{mode}");
        cases.push(Case::new(name, move || without_modprobe(mode)));
    }
    cases
}

const OFF: &str = "cannot be served here: net.ipv6.conf.all.disable_ipv6 is 1";

/// The options that name a cluster of both families.
fn cluster(mode: &str) -> String {
    let case = Conformance::all()
        .into_iter()
        .find(|case| case.name == "rand-1001")
        .unwrap();
    let files = inputs(&case.name, case.inputs());
    format!("--kube-version 1.30 --mode {mode} {files}")
}

/// All of IPv4 is served, and it is said that IPv6 is not; once it is switched on, it is served too.
fn without_ipv6(mode: &str) {
    let switch = |value| {
        Tool::new(&format!(
            "sysctl -qw net.ipv6.conf.all.disable_ipv6={value}"
        ))
        .run();
    };
    let says = |run: Run| assert!(run.to_string().contains(OFF), "{run}");
    let cluster = cluster(mode);
    switch(1);
    says(on_node(&format!("plan {cluster}")).ends(Exit::Done));
    says(on_node(&format!("apply --drain 0 --yes {cluster}")).ends(Exit::Done));
    says(on_node("verify").ends(Exit::Done));
    says(on_node("status").ends(Exit::Done));
    let doctor = portolan(&format!("doctor --mode {mode}"));
    assert!(doctor.stdout.contains("info[no-ipv6]"), "{doctor}");
    let held = holds();
    assert!(
        !held.contains("fd00:") && !held.contains("KUBE-6-"),
        "{held}"
    );
    says(on_node(&format!("apply --drain 0 --yes {cluster}")).ends(Exit::Done));
    assert_eq!(holds(), held);
    switch(0);
    let drift = on_node("verify").ends(Exit::Differs);
    assert!(!drift.to_string().contains(OFF), "{drift}");
    on_node(&format!("apply --drain 0 --yes {cluster}")).ends(Exit::Done);
    let verified = on_node("verify").ends(Exit::Done);
    assert!(!verified.stdout.contains("IPv6"), "{verified}");
    // What is of IPv6 stays where it is switched off, in the way of nobody.
    switch(1);
    says(on_node("verify").ends(Exit::Done));
    on_node("cleanup --drain 0 --yes").ends(Exit::Done);
}

/// Nothing is touched where no records can be kept, and the way out works.
fn read_only_root() {
    let before = holds();
    Tool::new("mount -o remount,bind,ro /").run();
    let cluster = cluster("ipvs");
    let refused = portolan(&format!("apply --drain 0 --yes {cluster}")).ends(Exit::Io);
    for word in ["/var/lib/portolan", "--state-dir", "Read-only file system"] {
        assert!(refused.stderr.contains(word), "{word}: {refused}");
    }
    assert_eq!(holds(), before);
    on_node(&format!("apply --drain 0 --yes {cluster}")).ends(Exit::Done);
    on_node("verify").ends(Exit::Done);
    on_node("cleanup --drain 0 --yes").ends(Exit::Done);
}

/// The kernel finds its modules, and nobody else can load any.
fn without_modprobe(mode: &str) {
    Tool::new("cp -a /usr/sbin /run/sbin").run();
    Tool::new("rm /run/sbin/modprobe").run();
    Tool::new("mount --bind /run/sbin /usr/sbin").run();
    let cluster = cluster(mode);
    on_node(&format!("apply --drain 0 --yes {cluster}")).ends(Exit::Done);
    on_node("verify").ends(Exit::Done);
    on_node("cleanup --drain 0 --yes").ends(Exit::Done);
}
