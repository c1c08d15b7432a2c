//! What a change does to what judges it, and to where things are.

use std::fs;

use crate::repository::Repository;
use crate::whole::{SETTINGS, has, repository, run};

const EXTERNAL_IP: (&str, &str) = (
    "    - 198.51.100.40\n",
    "    - 198.51.100.40\n    - 198.51.100.41\n",
);

/// A LintConfig among the manifests judges as portolan.yaml does.
#[test]
fn a_lint_config_of_the_change_decides_about_nothing_yet() {
    let repository = repository("inputs: clusters/demo\n");
    let config = |level: &str| {
        let text = format!(
            "apiVersion: portolan.dev/v1alpha1\nkind: LintConfig\nrules: {{PTL011: {level}}}\n"
        );
        fs::write(repository.path().join("clusters/demo/lint.yaml"), text).unwrap();
    };
    repository.edit(EXTERNAL_IP.0, EXTERNAL_IP.1);
    config("off");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &[
            "PTL011",
            "a LintConfig is new: it decides about nothing yet",
        ],
    );
    for format in ["markdown", "github", "json"] {
        let (_, said) = run(&repository, &format!("portolan review -o {format}"));
        has(&said, &["LintConfig is new"]);
    }
    repository.succeeds("git add . && git stash -q");
    config("info");
    repository.succeeds("git add . && git commit -q -m Config && git branch -f main && git stash pop -q || git checkout -q --theirs . && git add .");
    config("off");
    let (code, said) = run(&repository, "portolan review main --fail-on info");
    assert_eq!(code, Some(1), "{said}");
    has(&said, &["info[PTL011]", "the LintConfig is edited"]);
}

#[test]
fn findings_that_an_annotation_hides_are_counted() {
    let repository = repository("inputs: clusters/demo\n");
    let ignore = "    name: cart\n    annotations: {portolan.dev/ignore: \"PTL011=ours\"}\n";
    repository.edit(EXTERNAL_IP.0, EXTERNAL_IP.1);
    let path = repository.path().join("clusters/demo/cluster.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("    name: cart\n", ignore, 1)).unwrap();
    let (_, said) = run(&repository, "portolan review");
    has(&said, &["newly suppressed by annotation"]);
}

#[test]
fn a_cluster_that_the_change_brings_is_reviewed() {
    let repository = repository("clusters:\n  demo: {inputs: clusters/demo, out: rules}\n");
    repository.succeeds("cp -r clusters/demo clusters/dev");
    let write = |dev: &str| {
        let text = format!(
            "clusters:\n  demo: {{inputs: clusters/demo, out: rules}}\n  dev: {{inputs: clusters/dev, out: rules-dev{dev}}}\n"
        );
        fs::write(repository.path().join("portolan.yaml"), text).unwrap();
    };
    write("");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &[
            "Cluster dev",
            "it is new: nothing but what the change says of it can decide",
            "rules-dev is not up to date",
            "5 Services come",
        ],
    );
    repository.succeeds("portolan compile -q --cluster dev");
    let (code, said) = run(&repository, "portolan review --fail-on error");
    assert_eq!(code, Some(0), "{said}");
    write(", kubeVersion: 1.3");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(64), "{said}");
    has(&said, &["is not what kubeVersion takes"]);
}

/// What no later run could read does not pass its own review.
#[test]
fn a_value_that_no_command_takes_fails_its_own_review() {
    for (value, part) in [
        ("blastRadius: 120%", "is not what blastRadius takes"),
        ("mode: 3", "is not what mode takes"),
        ("lint: {disable: PTL999}", "is not what lint.disable takes"),
    ] {
        let repository = repository("inputs: clusters/demo\n");
        fs::write(
            repository.path().join("portolan.yaml"),
            format!("inputs: clusters/demo\n{value}\n"),
        )
        .unwrap();
        let (code, said) = run(&repository, "portolan review");
        assert_eq!(code, Some(64), "{said}");
        has(&said, &[part]);
        let (code, said) = run(&repository, "portolan config");
        assert_eq!(code, Some(64), "{said}");
        has(&said, &[part]);
    }
}

#[test]
fn a_link_in_the_place_of_the_file_is_shown() {
    let repository = repository(SETTINGS);
    repository
        .succeeds("mv portolan.yaml other.yaml && ln -s other.yaml portolan.yaml && git add .");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(65), "{said}");
    has(
        &said,
        &[
            "portolan.yaml becomes a link",
            "cannot be used as the change has it",
        ],
    );
}

#[test]
fn a_cluster_can_move_and_go() {
    let settings = "clusters:\n  demo: {inputs: clusters/demo, out: rules}\n  test: {inputs: clusters/test, out: rules-test}\n";
    let repository = Repository::demo();
    repository.succeeds("cp -r clusters/demo clusters/test && cp -r rules rules-test");
    fs::write(repository.path().join("portolan.yaml"), settings).unwrap();
    repository.succeeds("git add . && git commit -q -m Clusters && git checkout -q -b change");
    repository.succeeds(
        "git mv clusters/demo clusters/prod && git mv rules rules-prod && sed -i 's/clusters.demo, out: rules/clusters\\/prod, out: rules-prod/' portolan.yaml",
    );
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(0), "{said}");
    has(
        &said,
        &[
            "rules-prod is up to date",
            "New  clusters/prod",
            "No Service changes",
        ],
    );
    repository.succeeds("git rm -q -r clusters/test rules-test && sed -i '/test:/d' portolan.yaml");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(0), "{said}");
    has(
        &said,
        &[
            "Cluster test\nnote: the change takes it away",
            "not looked at: the change takes this cluster away",
            "5 Services go",
        ],
    );
}

#[test]
fn all_can_move_into_a_folder() {
    let repository = repository(SETTINGS);
    repository.succeeds("mkdir infra && git mv clusters rules portolan.yaml infra");
    let (code, said) = run(&repository, "cd infra && portolan review");
    assert_eq!(code, Some(0), "{said}");
    has(
        &said,
        &[
            "infra/portolan.yaml is new, and stands before portolan.yaml",
            "rules is up to date",
            "No Service changes",
        ],
    );
}

/// A nearer file could say anything.
#[test]
fn a_nearer_file_that_the_change_brings_does_not_judge() {
    let repository = repository(SETTINGS);
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    fs::write(
        repository.path().join("clusters/portolan.yaml"),
        "inputs: demo\n",
    )
    .unwrap();
    let (code, said) = run(&repository, "cd clusters && portolan review");
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &[
            "stands before portolan.yaml",
            "compiled rules are not up to date",
        ],
    );
}
