//! What forges read: paths from the top of the repository, lines, blank lines and limits.

use std::fs;

use serde_json::Value;

use crate::repository::Repository;
use crate::whole::{SETTINGS, has, repository, run};

const EXTERNAL_IP: (&str, &str) = (
    "    - 198.51.100.40\n",
    "    - 198.51.100.40\n    - 198.51.100.41\n",
);

/// Forges know no current folder.
#[test]
fn files_are_named_from_the_top() {
    let repository = repository(SETTINGS);
    repository.edit(EXTERNAL_IP.0, EXTERNAL_IP.1);
    for folder in [".", "clusters", "clusters/demo", "rules/nodes"] {
        let here = format!("cd {folder} && portolan");
        for command in ["review -o github", "lint -o github"] {
            let (_, said) = run(&repository, &format!("{here} {command}"));
            has(&said, &["file=clusters/demo/cluster.yaml,line="]);
        }
        for command in ["review -o sarif", "lint -o sarif"] {
            let (_, said) = run(&repository, &format!("{here} {command} 2>/dev/null"));
            has(&said, &["\"uri\": \"clusters/demo/cluster.yaml\""]);
        }
    }
    let diff = "portolan diff main:clusters/demo demo";
    for (format, part) in [
        ("github", "file=clusters/demo/cluster.yaml,line="),
        ("gitlab", "\"path\": \"clusters/demo/cluster.yaml\""),
    ] {
        let (_, said) = run(&repository, &format!("cd clusters && {diff} -o {format}"));
        has(&said, &[part]);
    }
    let (_, said) = run(
        &repository,
        "cd clusters && portolan what-if -q -f demo --each-node -o gitlab",
    );
    let report: Value = serde_json::from_str(&said).unwrap();
    for issue in report.as_array().unwrap() {
        let path = issue["location"]["path"].as_str().unwrap();
        assert!(repository.path().join(path).is_file(), "{path}");
    }
}

#[test]
fn paths_of_any_script_lead_to_the_file() {
    let repository = Repository::demo();
    repository.succeeds("git mv clusters/demo 'clusters/pr od:\u{fc}' && git commit -q -m Move");
    let (_, said) = run(
        &repository,
        "portolan lint -f 'clusters/pr od:\u{fc}' -o github",
    );
    has(&said, &["file=clusters/pr od%3A\u{fc}/cluster.yaml,"]);
}

#[test]
fn what_fails_keeps_its_lines() {
    let repository = repository(SETTINGS);
    repository.edit("    - 10.96.14.3\n", "    - nowhere\n");
    let (_, said) = run(&repository, "portolan review -o github");
    has(&said, &["the manifests are refused%0A"]);
}

#[test]
fn clusters_in_markdown_stand_apart() {
    let repository = Repository::demo();
    repository.succeeds("cp -r clusters/demo clusters/test");
    fs::write(
        repository.path().join("portolan.yaml"),
        "clusters:\n  demo: {inputs: clusters/demo}\n  test: {inputs: clusters/test}\n",
    )
    .unwrap();
    repository.succeeds("git add . && git commit -q -m Clusters && git checkout -q -b change");
    repository.succeeds("sed -i s/10.96.14.3/10.96.14.9/ clusters/*/cluster.yaml");
    let (_, said) = run(&repository, "portolan review -o markdown");
    has(&said, &["\n\n### Cluster test\n"]);
}

/// However much changes.
#[test]
fn a_comment_stays_below_the_limit() {
    let repository = Repository::demo();
    let services = |port: u16| {
        (0..700).fold(String::new(), |all, number| {
            format!("{all}---\napiVersion: v1\nkind: Service\nmetadata: {{name: some-service-{number}, namespace: a-namespace}}\nspec: {{ports: [{{port: {port}}}]}}\n")
        })
    };
    let write = |port| {
        for cluster in ["one", "two"] {
            let folder = repository.path().join("clusters").join(cluster);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("services.yaml"), services(port)).unwrap();
        }
    };
    write(80);
    fs::write(
        repository.path().join("portolan.yaml"),
        "clusters:\n  one: {inputs: clusters/one}\n  two: {inputs: clusters/two}\n",
    )
    .unwrap();
    repository.succeeds("git add . && git commit -q -m Clusters && git checkout -q -b change");
    write(81);
    let (_, said) = run(&repository, "portolan review -o markdown 2>/dev/null");
    has(&said, &["### Cluster two"]);
    assert!(said.chars().count() < 60_000, "{}", said.chars().count());
}

#[cfg(unix)]
#[test]
fn results_are_files_like_any() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = repository(SETTINGS);
    let mode = |name: &str| {
        let found = repository.path().join(name).metadata().unwrap();
        found.permissions().mode() & 0o777
    };
    let write = "umask 022 && portolan base -f clusters/demo --out base.yaml";
    repository.succeeds(write);
    assert_eq!(mode("base.yaml"), 0o644);
    repository.succeeds(&format!("chmod 664 base.yaml && {write}"));
    assert_eq!(mode("base.yaml"), 0o664);
    run(
        &repository,
        "umask 022 && portolan review main -o markdown=review.md",
    );
    assert_eq!(mode("review.md"), 0o644);
}

#[test]
fn json_names_all_that_differs() {
    let repository = repository(SETTINGS);
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let (_, said) = run(&repository, "portolan review -o json 2>/dev/null");
    let document: Value = serde_json::from_str(&said).unwrap();
    let rules = &document["clusters"][0]["rules"];
    let differ = rules["differ"].as_array().unwrap();
    let files = differ
        .iter()
        .map(|one| one["nodes"].as_array().unwrap().len().max(1));
    assert_eq!(rules["filesThatDiffer"], files.sum::<usize>());
    assert!(
        differ.iter().any(|one| one["artefact"] == "MANIFEST"),
        "{said}"
    );
}
