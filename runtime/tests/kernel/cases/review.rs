//! What a node holds and what was applied to it, as sides of a comparison.

use std::fs;

use portolan_runtime::report::Exit;

use super::failures::clusters::Cluster;
use crate::harness::Case;
use crate::node::Tool;
use crate::node::portolan::{Run, inputs, on_node, portolan};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("review::a_node_and_its_records", sides),
        Case::new("review::records_follow_names", names),
    ]
}

/// Compiles a cluster into a folder, and gives its name.
fn compiled(cluster: Cluster, folder: &'static str) -> &'static str {
    let flags = cluster.flags().replace(" --max-removal 100", "");
    portolan(&format!("compile -q{flags} --out {folder}")).ends(Exit::Done);
    folder
}

/// Compares, with this node's records where a side is among them.
fn differ(sides: &str) -> Run {
    let records = ["@current", "@1", "@2", "@9"];
    let words = format!("diff {sides}");
    if records.iter().any(|record| sides.contains(record)) {
        on_node(&words)
    } else {
        portolan(&words)
    }
}

#[track_caller]
fn says(run: &Run, lines: &[&str]) {
    for line in lines {
        assert!(run.to_string().contains(line), "{line:?} is not in {run}");
    }
}

fn sides() {
    differ("@current @live").ends(Exit::NoInput);
    Cluster::Old.apply();
    let old = compiled(Cluster::Old, "/run/rules-old");
    let new = compiled(Cluster::New, "/run/rules-new");
    for view in ["service", "kernel", "unified"] {
        for side in [old, "@current", "@1", "manifests:/run/old"] {
            differ(&format!("@live {side} --view {view}")).ends(Exit::Done);
        }
    }
    let expected = [
        "  shop/web\n    80/TCP\n     + endpoint 10.244.0.9:80\n     - endpoint 10.244.0.5:80\n",
        "     - no longer reachable at cluster IP 10.96.0.2:53/UDP\n",
        "     + reachable at cluster IP 10.96.0.3:443/TCP, served by 10.244.0.8:443\n",
    ];
    // The kernel knows no names; records, folders and manifests do.
    let gone = [
        ("@live", "  10.96.0.2 (gone)\n"),
        ("@current", "  shop/dns (gone)\n"),
        ("@1", "  shop/dns (gone)\n"),
    ];
    for (side, gone) in gone {
        for new in [new, "manifests:/run/new"] {
            let run = differ(&format!("{side} {new}")).ends(Exit::Differs);
            says(&run, &expected);
            says(&run, &["  shop/api (new)\n", gone]);
        }
    }
    Cluster::New.apply();
    says(&differ("@1 @current").ends(Exit::Differs), &expected);
    says(
        &differ(&format!("{old} @live")).ends(Exit::Differs),
        &expected,
    );
    differ(&format!("@2 {new}")).ends(Exit::Done);
    differ("@9 @live").ends(Exit::NoInput);
    // What nobody applied shows beside the records.
    Tool::new("ipvsadm -d -t 10.96.0.1:80 -r 10.244.0.9:80").run();
    let run = differ("@current @live").ends(Exit::Differs);
    says(&run, &["     - endpoint 10.244.0.9:80\n"]);
    let picture = on_node("graph @current @live --output dot").ends(Exit::Done);
    says(&picture, &["digraph", "10.244.0.9:80"]);
}

/// Nothing on the node changes when a Service is called otherwise; the records do, once.
fn names() {
    Cluster::Old.apply();
    let read = |name: &str| fs::read_to_string(format!("/run/old/{name}")).unwrap();
    let files = [
        (
            "cluster.json",
            read("cluster.json").replace("\"web", "\"www"),
        ),
        ("facts.yaml", read("facts.yaml")),
    ];
    let renamed = inputs("renamed", files);
    let apply = format!("apply --yes{renamed} --node node-a");
    let run = differ("manifests:/run/old manifests:/run/renamed").ends(Exit::Differs);
    says(
        &run,
        &["  shop/www (new)\n", "     ~ was 80/TCP of shop/web\n"],
    );
    says(
        &on_node(&apply).ends(Exit::Done),
        &["Applied generation 2: 0 steps.\n"],
    );
    says(&on_node("status").ends(Exit::Done), &["shop/www"]);
    says(&on_node(&apply).ends(Exit::Done), &["Nothing to do"]);
    // A folder has names as well.
    let rules = compiled(Cluster::Old, "/run/rules-old");
    let run = on_node(&format!("apply --yes {rules}")).ends(Exit::Done);
    says(&run, &["Applied generation 3: 0 steps.\n"]);
    // Who knows no names takes none away.
    forget_names(rules);
    let run = on_node(&format!("apply --yes {rules}")).ends(Exit::Done);
    says(&run, &["Nothing to do"]);
    says(&on_node("status").ends(Exit::Done), &["shop/web"]);
}

/// Makes a folder as it was compiled before there was an artefact with names.
fn forget_names(folder: &str) {
    let manifest = format!("{folder}/nodes/node-a/MANIFEST");
    let text = fs::read_to_string(&manifest).unwrap();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.ends_with("  services"))
        .collect();
    fs::write(&manifest, kept.join("\n") + "\n").unwrap();
    fs::remove_file(format!("{folder}/nodes/node-a/services")).unwrap();
}
