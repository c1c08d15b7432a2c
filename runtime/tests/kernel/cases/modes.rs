//! Mode iptables is applied as any other, and a change of the mode is a plan like any other.

use std::fs;

use portolan_compiler::mode::NodeState;
use portolan_compiler::model::Mode as Kind;
use portolan_compiler::plan::{Claims, Inventory, NftablesChange, Ownership, Step, Subject, plan};
use portolan_runtime::host::{self, HostError};
use portolan_runtime::report::Exit;
use portolan_support::conformance::case::{Case as Conformance, Mode};
use portolan_support::conformance::expectation;

use crate::harness::Case;
use crate::node::portolan::{inputs, on_node};
use crate::node::read_once::read_once;
use crate::node::recording::{Recording, differences};
use crate::node::{Tool, Variant, recording};

/// A few of each kind: the cases differ in their rules, which other tests compare for all of them.
pub(crate) fn cases() -> Vec<Case> {
    let names: Vec<String> = Conformance::all()
        .into_iter()
        .map(|case| case.name)
        .collect();
    let mut cases = vec![
        Case::new(
            "modes::somebody_elses_change_of_a_table_stops_ours",
            somebody_else,
        ),
        Case::new(
            "modes::kube_proxys_tables_are_taken_over",
            kube_proxys_tables,
        ),
    ];
    for (at, name) in names.iter().enumerate().step_by(13) {
        let (case, next) = (name.clone(), names[(at + 20) % names.len()].clone());
        let by_rules = move || by_rules(&find(&case));
        cases.push(Case::new(format!("modes::iptables_{name}"), by_rules));
        let case = name.clone();
        let by_maps = move || by_maps(&find(&case), &find(&next));
        cases.push(Case::new(format!("modes::nftables_{name}"), by_maps));
        if at % 26 == 0 {
            let case = name.clone();
            let moves = move || there_and_back(&find(&case));
            cases.push(Case::new(format!("modes::there_and_back_{name}"), moves));
        }
    }
    cases
}

fn find(name: &str) -> Conformance {
    let mut all = Conformance::all().into_iter();
    all.find(|case| case.name == name).unwrap()
}

fn apply(case: &Conformance, mode: &str) -> String {
    let files = inputs(&case.name, case.inputs());
    let run = on_node(&format!(
        "apply --allow-empty --max-removal 100 --drain 0 --kube-version 1.30 --mode {mode} --yes {files}"
    ))
    .ends(Exit::Done);
    run.stderr
}

/// The rules, as they are compared.
fn rules() -> Recording {
    ["iptables", "ip6tables"]
        .into_iter()
        .map(|tables| {
            let file = format!("{tables}.save");
            let found = recording::iptables(tables, Variant::Nft);
            let found = expectation::comparable(&file, &found);
            (file, found)
        })
        .collect()
}

#[track_caller]
fn same(case: &Conformance) {
    let report = differences(("kube-proxy's", &case.expected(Mode::Iptables)), &rules());
    assert!(
        report.is_empty(),
        "the kernel holds something else:\n{report}"
    );
}

fn by_rules(case: &Conformance) {
    let empty = read_once();
    apply(case, "iptables");
    same(case);
    let again = apply(case, "iptables");
    assert!(again.contains("Nothing to do"), "{again}");
    on_node("verify").ends(Exit::Done);
    on_node("cleanup --drain 0 --yes").ends(Exit::Done);
    assert_eq!(without_settings(&read_once()), without_settings(&empty));
}

/// What `nft` lists is read back as what was asked for, or the second apply would find something to do.
fn by_maps(case: &Conformance, next: &Conformance) {
    let empty = read_once();
    apply(case, "nftables");
    let first = read_once();
    let again = apply(case, "nftables");
    assert!(again.contains("Nothing to do"), "{again}");
    on_node("verify").ends(Exit::Done);
    apply(next, "nftables");
    on_node("rollback --drain 0 --yes").ends(Exit::Done);
    assert_eq!(without_settings(&read_once()), without_settings(&first));
    on_node("cleanup --drain 0 --yes").ends(Exit::Done);
    assert_eq!(without_settings(&read_once()), without_settings(&empty));
}

fn somebody_else() {
    let all = Conformance::all();
    let (case, next) = (&all[1], &all[2]);
    apply(case, "nftables");
    let desired = |case: &Conformance| {
        let files = case.compile(Mode::Nftables).files;
        let files = files
            .into_iter()
            .map(|file| (file.kind, file.bytes))
            .collect();
        NodeState::from_artefacts(&files).unwrap()
    };
    let node = host::node().unwrap();
    let found = host::read_once(node.as_driver()).unwrap();
    let claims = Claims::tracked(Inventory::of(&desired(case)));
    let plan = plan(&desired(next), &found, &claims).unwrap();
    Tool::new("nft flush set ip portolan cluster-ips").run();
    let before = read_once();
    let error = node.carry_out(&plan.steps).unwrap_err();
    assert!(
        matches!(error, HostError::RulesetChanged { .. }),
        "{error:?}"
    );
    assert_eq!(read_once(), before, "something was done all the same");
    // The next apply finds it, and makes the table anew.
    apply(next, "nftables");
    on_node("verify").ends(Exit::Done);
}

/// What kube-proxy left in mode nftables, and a Service of it with more endpoints than fit a short line.
fn kube_proxys() -> String {
    let chains: Vec<String> = (0..300)
        .map(|at| format!("chain endpoint-{at} {{ }}"))
        .collect();
    let chains = chains.join("\n");
    let slots: Vec<String> = (0..300)
        .map(|at| format!("{at} : goto endpoint-{at}"))
        .collect();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/conformance");
    let path = format!("{root}/rand-1001/expected/nftables/ruleset.nft");
    let left = fs::read_to_string(path).unwrap();
    format!(
        "{left}\ntable ip kube-proxy {{\n{chains}\nchain service-large {{\n\
         numgen random mod 300 vmap {{ {} }}\n}}\n}}\n",
        slots.join(", ")
    )
}

fn kube_proxys_tables() {
    fs::write("left", kube_proxys()).unwrap();
    Tool::new("nft -f left").run();
    // Tables stand in the order in which they were made.
    let list = || {
        let of = |family: &str| Tool::new(&format!("nft list ruleset {family}")).output();
        of("ip") + &of("ip6")
    };
    let left = list();
    let desired = NodeState::empty(Kind::Nftables);
    let everything = Claims {
        ownership: Ownership::Everything {
            exclude: Vec::new(),
        },
        ..Claims::default()
    };
    let node = host::node().unwrap();
    let found = host::read_once(node.as_driver()).unwrap();
    let steps = plan(&desired, &found, &everything).unwrap();
    let own = |step: &&Step| {
        matches!(
            step.subject,
            Subject::Nftables(NftablesChange::KubeProxyTable(..))
        )
    };
    let away: Vec<Step> = steps.steps.iter().filter(own).cloned().collect();
    assert_eq!(away.len(), 2);
    node.carry_out(&away).unwrap();
    assert!(!list().contains("kube-proxy"));
    // The way back brings them as they were, of the steps as the journal has them.
    let back: Vec<Step> = away.iter().rev().map(Step::inverse).collect();
    node.carry_out(&back).unwrap();
    assert_eq!(list(), left);

    // Without a take-over they stay, with it they go, and nothing is missed afterwards.
    let case = find("rand-1001");
    apply(&case, "nftables");
    assert!(list().contains("table ip kube-proxy"));
    on_node("verify").ends(Exit::Done);
    let files = inputs(&case.name, case.inputs());
    let words = format!("--kube-version 1.30 --mode nftables --takeover --max-removal 100 {files}");
    let plan = on_node(&format!("plan {words}")).ends(Exit::Done);
    assert!(
        plan.stdout.contains("- nftables table ip kube-proxy"),
        "{plan}"
    );
    on_node(&format!("apply --drain 0 --yes {words}")).ends(Exit::Done);
    assert!(!list().contains("kube-proxy"));
    on_node("verify").ends(Exit::Done);
}

fn there_and_back(case: &Conformance) {
    // Its settings are there once it is.
    Tool::new("modprobe ip_vs").run();
    apply(case, "ipvs");
    let by_servers = read_once();
    apply(case, "iptables");
    same(case);
    assert_eq!(recording::virtual_servers(), "");
    assert_eq!(Tool::new("ipset save").output(), "");
    on_node("verify").ends(Exit::Done);
    on_node("rollback --drain 0 --yes").ends(Exit::Done);
    assert_eq!(
        without_kubelets(&read_once()),
        without_kubelets(&by_servers)
    );
    apply(case, "nftables");
    assert_eq!(recording::virtual_servers(), "");
    assert_eq!(Tool::new("ipset save").output(), "");
    let rules = rules();
    assert!(
        !rules["iptables.save"].contains("KUBE-SERVICES"),
        "{rules:?}"
    );
    apply(case, "iptables");
    same(case);
    assert_eq!(
        Tool::new("nft list tables")
            .output()
            .matches("portolan")
            .count(),
        0
    );
}

/// Nothing brings a setting back that was not there before, and other cases load modules meanwhile.
fn without_settings(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with("sysctl") && !line.starts_with("timeouts"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// KUBE-FIREWALL may be kubelet's, so it stays.
fn without_kubelets(text: &str) -> String {
    text.lines()
        .filter(|line| !line.contains("KUBE-FIREWALL"))
        .collect::<Vec<_>>()
        .join("\n")
}
