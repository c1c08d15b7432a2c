//! What the verbs on a node say.

use std::process::{Command, Stdio};

use portolan_runtime::report::Exit;
use serde_json::Value;

use super::failures::clusters::{Cluster, holds};
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{on_node, program};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("verbs::drift_is_listed", drift),
        Case::new("verbs::events_for_machines", events),
        Case::new("verbs::two_capabilities_are_enough", two_capabilities),
        Case::new("verbs::settings_go_back_to_what_was_found", settings),
        Case::new("verbs::generations_come_back", generations),
        Case::new("verbs::a_rollback_leads_elsewhere", passed_over),
        Case::new("verbs::a_set_in_use_is_exchanged", exchanged),
    ]
}

fn drift() {
    let none = on_node("verify").ends(Exit::NoInput);
    assert!(none.stderr.contains("nothing was applied"), "{none}");
    Cluster::Old.apply();
    let same = on_node("verify").ends(Exit::Done);
    assert!(same.stdout.contains(", and the node holds it."), "{same}");
    Tool::new("ipvsadm -d -t 10.96.0.1:80 -r 10.244.0.5:80").run();
    Tool::new("ip address del 10.96.0.2/32 dev kube-ipvs0").run();
    Tool::new("ipset add KUBE-CLUSTER-IP 10.96.0.9,tcp:9").run();
    let run = on_node("verify").ends(Exit::Differs);
    for line in [
        "  missing  destination 10.96.0.1:80/TCP -> 10.244.0.5:80  (shop/web)\n",
        "  missing  address 10.96.0.2 on kube-ipvs0  (shop/dns)\n",
        "  extra    entry 10.96.0.9,tcp:9 of ipset KUBE-CLUSTER-IP\n",
        "           should be  weight 1\n",
        "Drift: 3 objects.",
    ] {
        assert!(run.stdout.contains(line), "{run}");
    }
    let run = on_node("verify --output json").ends(Exit::Differs);
    let value: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(value["drift"].as_array().unwrap().len(), 3, "{value}");
    // Others' virtual servers are none of ours.
    Cluster::Old.apply();
    Tool::new("ipvsadm -A -t 192.0.2.1:80 -s rr").run();
    on_node("verify").ends(Exit::Done);
}

fn events() {
    let run = on_node(&format!("{} --output json", Cluster::Old.command())).ends(Exit::Done);
    let events: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (event, number) in events.iter().zip(1..) {
        assert_eq!(event["seq"], number, "{event}");
    }
    let phases: Vec<&str> = events
        .iter()
        .filter(|event| event["event"] == "phase-begun")
        .map(|event| event["phase"].as_str().unwrap())
        .collect();
    assert_eq!(
        phases,
        ["journal", "prepare", "switch", "verify", "clean", "commit"]
    );
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["generation"]),
        (&"committed".into(), &1.into())
    );
    let again = on_node(&format!("{} --output json", Cluster::Old.command())).ends(Exit::Done);
    assert!(again.stdout.contains("unchanged"), "{again}");
}

/// Root of the machine with no other capabilities than these.
fn with(capabilities: &str, words: &str) -> (Option<i32>, String) {
    let inner = program(words);
    let output = Command::new("setpriv")
        .args([
            &format!("--bounding-set=-all,{capabilities}"),
            "--inh-caps=-all",
        ])
        .arg(inner.get_program())
        .args(inner.get_args())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

fn two_capabilities() {
    let run = |words: &str| {
        let (code, said) = with("+net_admin,+net_raw", words);
        assert_eq!(code, Some(0), "{words}: {said}");
    };
    // Modules that are loaded once stay, and bring settings of their own.
    run(&Cluster::Old.command());
    run("cleanup --drain 0 --yes");
    let empty = holds();
    run(&Cluster::Old.command());
    let old = holds();
    run(&Cluster::New.command());
    run("rollback --drain 0 --yes");
    assert_eq!(holds(), old);
    run("verify");
    run("cleanup --drain 0 --yes");
    assert_eq!(holds(), empty);
    // With less, nothing is touched.
    for less in ["+net_admin", "+net_raw"] {
        let (code, said) = with(less, &Cluster::Old.command());
        assert_eq!(code, Some(77), "{less}: {said}");
        assert_eq!(holds(), empty);
    }
}

fn settings() {
    Tool::new("modprobe ip_vs").run();
    Tool::new("sysctl -q -w net.ipv4.vs.conntrack=0").run();
    Tool::new("sysctl -q -w net.ipv4.vs.expire_nodest_conn=0").run();
    Tool::new("ipvsadm --set 700 70 170").run();
    let before = holds();
    Cluster::Old.apply();
    assert_ne!(holds(), before);
    Cluster::New.apply();
    on_node("cleanup --yes").ends(Exit::Done);
    assert_eq!(holds(), before);
}

/// A set of another size, which a rule of somebody else names as well, and what somebody who was cut
/// off left of an exchange.
fn exchanged() {
    let old = Cluster::Old.apply();
    on_node("cleanup --yes").ends(Exit::Done);
    Tool::new("ipset create KUBE-CLUSTER-IP hash:ip,port maxelem 1000").run();
    Tool::new("ipset add KUBE-CLUSTER-IP 10.96.0.77,tcp:77").run();
    Tool::new("iptables -t raw -A PREROUTING -m set --match-set KUBE-CLUSTER-IP dst,dst").run();
    Tool::new("ipset create portolan-swap-12345678 hash:ip,port").run();
    let before = holds();
    Cluster::Old.apply();
    let sets = Tool::new("ipset list -n").output();
    assert!(!sets.contains("portolan-swap-"), "{sets}");
    Tool::new("iptables -t raw -F").run();
    assert_eq!(holds(), old);
    assert_ne!(holds(), before);
}

fn generations() {
    let old = Cluster::Old.apply();
    let new = Cluster::New.apply();
    on_node("rollback --to 9").ends(Exit::NoInput);
    let plan = on_node("rollback --plan").ends(Exit::Done);
    assert!(plan.stdout.contains("10.96.0.2"), "{plan}");
    assert_eq!(holds(), new);
    on_node("rollback --drain 0 --yes").ends(Exit::Done);
    assert_eq!(holds(), old);
    on_node("rollback --to 2 --drain 0 --yes").ends(Exit::Done);
    assert_eq!(holds(), new);
    on_node("cleanup --yes").ends(Exit::Done);
    on_node("rollback --drain 0 --yes").ends(Exit::Done);
    assert_eq!(holds(), new, "what a cleanup took away comes back");
    let history = on_node("history").ends(Exit::Done);
    let lines: Vec<&str> = history.stdout.lines().collect();
    let kinds = [
        "rollback to 4",
        "cleanup",
        "rollback to 2",
        "rollback to 1",
        "apply",
        "apply",
    ];
    assert_eq!(lines.len(), kinds.len() + 1, "{history}");
    for (line, kind) in lines[1..].iter().zip(kinds) {
        assert!(line.ends_with(kind), "{history}");
    }
    assert!(lines[1].starts_with("* 6"), "{history}");
}

/// That the same is brought back once more is nothing that anybody wants undone.
fn passed_over() {
    let old = Cluster::Old.apply();
    Cluster::New.apply();
    on_node("rollback 2 --drain 0 --yes").ends(Exit::Done);
    let back = on_node("rollback --drain 0 --yes").ends(Exit::Done);
    let said = "Generation 2 is what runs, and is passed over.";
    assert!(back.stderr.contains(said), "{back}");
    assert_eq!(holds(), old);
}
