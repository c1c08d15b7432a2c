//! `portolan review`: the whole change in one command.

use std::fs;

use serde_json::Value;

use crate::repository::Repository;

pub(crate) const SETTINGS: &str = "inputs: clusters/demo\nout: rules\nblastRadius: 50%\n";

/// The demo with settings, committed, on a branch of its own.
pub(crate) fn repository(settings: &str) -> Repository {
    let repository = Repository::demo();
    fs::write(repository.path().join("portolan.yaml"), settings).unwrap();
    repository.succeeds("git add . && git commit -q -m Settings && git checkout -q -b change");
    repository
}

/// What a command prints on both streams, and how it ends.
pub(crate) fn run(repository: &Repository, command: &str) -> (Option<i32>, String) {
    let output = repository.run(&format!("{command} 2>&1"));
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[track_caller]
pub(crate) fn has(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part}\n---\n{said}");
    }
}

#[test]
fn a_change_is_told_whole() {
    let repository = repository(SETTINGS);
    repository.succeeds("git commit -q --allow-empty -m Change");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(0), "{said}");
    has(
        &said,
        &[
            "where this left main",
            "rules is up to date",
            "No Service changes",
            "No new finding, ",
            "Review: nothing to mend.",
        ],
    );
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &[
            "rules is not up to date, 7 files",
            "ipvs.rules of 2 nodes (node-a, node-b) differs:",
            "+-A -t 10.96.14.3:80 -s rr -p 900",
            "To write it: portolan compile\n",
            "~ client affinity 600 s -> 900 s",
            "No new finding, ",
            "Review: compiled rules are not up to date.",
        ],
    );
    // The command is what it says.
    repository.succeeds("portolan compile -q");
    let (code, said) = run(&repository, "portolan review main");
    assert_eq!(code, Some(0), "{said}");
    has(&said, &["1 Service changes", "rules is up to date"]);
}

#[test]
fn new_findings_and_too_many_changes_fail() {
    let repository = repository("inputs: clusters/demo\nblastRadius: 10%\nlint: {failOn: error}\n");
    repository.edit(
        "    - 198.51.100.40\n",
        "    - 198.51.100.40\n    - 198.51.100.41\n",
    );
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &[
            "not looked at: no folder of compiled rules is named",
            "warning[PTL011]: external IP 198.51.100.41: on every node",
            "1 new finding, ",
            "More than 10% of the Services change or go: 1 of 5.",
            "Review: more changes than may at once.",
        ],
    );
    // What was there before is nobody's new finding.
    assert!(
        !said.contains("external IP 198.51.100.40: on every node"),
        "{said}"
    );
    let (code, said) = run(
        &repository,
        "portolan review --fail-on warning --blast-radius 90%",
    );
    assert_eq!(code, Some(1), "{said}");
    has(&said, &["Review: lint has new findings."]);
    let (code, _) = run(&repository, "portolan review --blast-radius 90%");
    assert_eq!(code, Some(0));
}

/// Whoever may edit the file by which a change is judged could let anything pass.
#[test]
fn a_change_does_not_decide_by_what_it_is_judged() {
    let repository = repository(SETTINGS);
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let write = |text: &str| fs::write(repository.path().join("portolan.yaml"), text).unwrap();
    write("inputs: clusters/demo\nexclude: ['*']\nlint: {disable: [PTL011]}\n");
    for _ in 0..2 {
        let (code, said) = run(&repository, "portolan review");
        assert_eq!(code, Some(1), "{said}");
        has(
            &said,
            &[
                "note: portolan.yaml is edited: what it said before the change decides",
                "-out: rules",
                "+exclude: ['*']",
                "rules is not up to date",
                "1 Service changes",
            ],
        );
        // Committed or not, it is the revision's.
        repository.succeeds("git commit -q -a -m Change --allow-empty");
    }
    write("bse: broken\n");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(65), "{said}");
    has(
        &said,
        &["it cannot be used: portolan.yaml:1:1: there is no key"],
    );
    fs::remove_file(repository.path().join("portolan.yaml")).unwrap();
    let (code, said) = run(&repository, "portolan review --output markdown");
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &[
            "**portolan.yaml goes: what it said before",
            "#### 1 Service changes",
        ],
    );
}

#[test]
fn a_new_file_decides_about_nothing_yet() {
    let repository = Repository::demo();
    fs::write(
        repository.path().join("portolan.yaml"),
        "inputs: clusters/demo\nexclude: ['*']\n",
    )
    .unwrap();
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(64), "{said}");
    has(
        &said,
        &[
            "main has no portolan.yaml that does",
            "decides from the next one on",
            "`portolan review HEAD`",
        ][1..],
    );
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let (code, said) = run(
        &repository,
        "portolan review main -f clusters/demo --out rules --output markdown",
    );
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &[
            "<!-- portolan:review -->\n### portolan: compiled rules are not up to date",
            "**portolan.yaml is new: it decides about nothing yet.**",
            "To write it: `portolan compile -f clusters/demo --out rules --all-nodes`",
            "#### 1 Service changes",
        ],
    );
}

#[test]
fn what_fails_in_one_part_silences_no_other() {
    let repository = repository(SETTINGS);
    repository.edit("    - 10.96.14.3\n", "    - nowhere\n");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(65), "{said}");
    has(
        &said,
        &[
            "error: the manifests are refused",
            "clusters/demo/cluster.yaml:",
            "error: a side is refused, and nothing is compared",
            "new finding",
            "Review: something could not be reviewed, lint has new findings.",
        ],
    );
    repository.succeeds("git checkout -q clusters && rm -r rules && touch rules");
    let (code, said) = run(&repository, "portolan review");
    assert!(code.is_some_and(|code| code >= 64), "{said}");
    has(&said, &["No Service changes", "No new finding"]);
}

#[test]
fn every_cluster_is_looked_at() {
    let repository = Repository::demo();
    repository.succeeds("cp -r clusters/demo clusters/test && portolan compile -q -f clusters/test --mode nftables --all-nodes --out rules-test");
    fs::write(
        repository.path().join("portolan.yaml"),
        "clusters:\n  demo: {inputs: clusters/demo, out: rules}\n  test: {inputs: clusters/test, mode: nftables, out: rules-test}\n",
    )
    .unwrap();
    repository.succeeds("git add . && git commit -q -m Clusters && git checkout -q -b change");
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &[
            "Cluster demo",
            "rules is not up to date",
            "To write it: portolan compile --cluster demo\n",
            "Cluster test",
            "rules-test is up to date",
        ],
    );
    repository.succeeds("git commit -q -a -m Change");
    let (code, said) = run(&repository, "portolan review --cluster test");
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&repository, "portolan review --output json");
    assert_eq!(code, Some(1), "{said}");
    let document: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(document["format"], "portolan-review");
    assert_eq!(document["exit"], 1);
    let clusters = document["clusters"].as_array().unwrap();
    assert_eq!(clusters.len(), 2);
    assert_eq!(clusters[0]["cluster"], "demo");
    assert_eq!(
        clusters[0]["rules"]["command"],
        "portolan compile --cluster demo"
    );
    assert_eq!(clusters[0]["services"]["diff"]["format"], "portolan-diff");
    assert_eq!(clusters[1]["rules"]["filesThatDiffer"], 0);
}

#[test]
fn links_and_what_lies_elsewhere_are_refused() {
    let repository = repository(SETTINGS);
    repository.succeeds("mv clusters/demo elsewhere && ln -s ../elsewhere clusters/demo");
    let (code, said) = run(&repository, "portolan review");
    assert!(code.is_some_and(|code| code >= 64), "{said}");
    has(&said, &["is a link, or leads through one"]);
    let (code, said) = run(&repository, "portolan review main -f clusters/demo");
    assert_eq!(code, Some(65), "{said}");
    has(
        &said,
        &["the path clusters/demo is a link, or leads through one"],
    );
    let (code, said) = run(&repository, "portolan review nobody");
    assert_eq!(code, Some(66), "{said}");
    let (code, said) = run(&repository, "cd / && portolan review");
    assert_eq!(code, Some(66), "{said}");
}

/// Git holds neither cluster IPs nor endpoints.
#[test]
fn manifests_without_allocations_are_reviewed() {
    let repository = Repository::demo();
    let service = |port: u16| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: pay, namespace: shop}}\n\
             spec: {{selector: {{app: pay}}, ports: [{{name: http, port: {port}, targetPort: 8080}}]}}\n"
        )
    };
    let folder = repository.path().join("clusters/git");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("pay.yaml"), service(80)).unwrap();
    fs::write(
        repository.path().join("portolan.yaml"),
        "inputs: clusters/git\n",
    )
    .unwrap();
    repository.succeeds("git add . && git commit -q -m Git && git checkout -q -b change");
    fs::write(folder.join("pay.yaml"), service(81)).unwrap();
    fs::write(folder.join("new.yaml"), service(82).replace("pay", "new")).unwrap();
    let (code, said) = run(&repository, "portolan review --output markdown");
    assert_eq!(code, Some(0), "{said}");
    has(
        &said,
        &[
            "1 Service changes, 1 comes",
            "shop/new (new)",
            "shop/pay",
            "81/TCP",
        ],
    );
    // The base that a change brings is no change of the cluster.
    repository.succeeds("portolan base -f clusters/demo/cluster.yaml --out base.yaml");
    let (code, said) = run(
        &repository,
        "portolan review main -f clusters/git --base base.yaml",
    );
    assert_eq!(code, Some(0), "{said}");
    has(&said, &["1 Service changes, 1 comes"]);
}
