//! The GitHub Action, with a stand-in for `gh` that writes down what it is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use serde_yaml::Value;

use crate::repository::{Repository, root};

const ACTION: &str = ".github/actions/portolan";

/// Knows one comment, the second time it is asked.
const GH: &str = r#"#!/bin/bash
printf '%s\n' "$*" >>"$HOME/gh.log"
case "$*" in
  *--jq*)
    [ -e "$HOME/commented" ] && echo 17
    touch "$HOME/commented"
    ;;
esac
exit 0
"#;

fn action() -> Value {
    let text = fs::read_to_string(root().join(ACTION).join("action.yml")).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

fn steps() -> Vec<Value> {
    action()["runs"]["steps"].as_sequence().unwrap().clone()
}

/// Runs a step as a runner would, inputs as in a workflow for the demo.
fn step(repository: &Repository, name: &str) -> Output {
    step_beside(repository, name, "")
}

/// The same with a dump of the cluster.
fn step_beside(repository: &Repository, name: &str, base: &str) -> Output {
    let home = repository.path().display();
    let gh = repository.path().join("gh");
    fs::write(&gh, GH).unwrap();
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
    let steps = steps();
    let step = steps.iter().find(|step| step["name"] == name).unwrap();
    let script = step["run"].as_str().unwrap();
    let mut command = repository.bash(&format!("PATH={home}:$PATH\n{script}"));
    for (variable, value) in step["env"].as_mapping().unwrap() {
        let value = value.as_str().unwrap();
        let set = [
            ("inputs.portolan", "portolan"),
            ("inputs.manifests", "clusters/demo"),
            ("inputs.rules", "rules"),
            ("inputs.base", base),
            ("inputs.against", "main"),
            ("inputs.name", "demo"),
            ("inputs.token", "secret"),
            ("github.event.pull_request.number", "4"),
        ];
        let value = set
            .iter()
            .find(|(input, _)| value == format!("${{{{ {input} }}}}"));
        command.env(
            variable.as_str().unwrap(),
            value.map_or("", |(_, value)| *value),
        );
    }
    command
        .env("GITHUB_ACTION_PATH", root().join(ACTION))
        .env("GITHUB_REPOSITORY", "example/clusters")
        .env("GITHUB_SHA", "0123")
        .env("GITHUB_REF", "refs/pull/4/merge")
        .env("GITHUB_STEP_SUMMARY", repository.path().join("summary.md"))
        .env("RUNNER_TEMP", repository.path())
        .output()
        .unwrap()
}

#[test]
fn every_script_is_bash() {
    let mut scripts: Vec<String> = steps()
        .iter()
        .map(|step| step["run"].as_str().unwrap().to_owned())
        .collect();
    scripts.push(fs::read_to_string(root().join(ACTION).join("review.sh")).unwrap());
    let repository = Repository::demo();
    for script in scripts {
        let file = repository.path().join("script");
        fs::write(&file, script).unwrap();
        repository.succeeds("bash -n script");
    }
}

/// Values of a pull request reach scripts as variables only.
#[test]
fn nothing_is_pasted_into_scripts() {
    for step in steps() {
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step:?}");
        assert_eq!(step["shell"], "bash");
    }
}

#[test]
fn every_input_is_used_and_none_is_unknown() {
    let action = action();
    let inputs = action["inputs"].as_mapping().unwrap();
    let text = fs::read_to_string(root().join(ACTION).join("action.yml")).unwrap();
    let (_, runs) = text.split_once("\nruns:").unwrap();
    for name in inputs.keys() {
        let used = format!("inputs.{}", name.as_str().unwrap());
        assert!(runs.contains(&used), "{used}");
    }
    for used in runs.split("inputs.").skip(1) {
        let name: String = used
            .chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .collect();
        assert!(inputs.contains_key(&*name), "{name}");
    }
}

#[test]
fn a_change_is_commented_on_once_and_then_anew() {
    let repository = Repository::demo();
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let log = || fs::read_to_string(repository.path().join("gh.log")).unwrap();
    let output = step(&repository, "Say what changes");
    assert!(output.status.success(), "{output:?}");
    let annotations = String::from_utf8(output.stdout).unwrap();
    assert!(
        annotations.contains("::notice file=clusters/demo/cluster.yaml,line=77"),
        "{annotations}"
    );
    let comment = fs::read_to_string(repository.path().join("diff.md")).unwrap();
    assert!(
        comment.starts_with("<!-- portolan:demo -->\n### portolan: 1 Service changes"),
        "{comment}"
    );
    assert_eq!(
        fs::read_to_string(repository.path().join("summary.md")).unwrap(),
        comment
    );
    assert!(
        log().contains("POST repos/example/clusters/issues/4/comments"),
        "{}",
        log()
    );
    assert!(!log().contains("PATCH"));
    assert!(step(&repository, "Say what changes").status.success());
    assert!(
        log().contains("PATCH repos/example/clusters/issues/comments/17"),
        "{}",
        log()
    );
}

/// What the pull request brings is compared with nothing; a revision that is missing is an error still.
#[test]
fn a_folder_that_is_new_is_told() {
    let repository = Repository::demo();
    repository.succeeds("git mv clusters/demo clusters/other && git commit -q -m Before");
    repository.succeeds("git mv clusters/other clusters/demo");
    for only_text in [false, true] {
        if only_text {
            let text = "git stash -q && mkdir clusters/demo && touch clusters/demo/README.md";
            repository.succeeds(&format!(
                "{text} && git add . && git commit -q -m Text && git stash pop -q"
            ));
        }
        let output = step(&repository, "Say what changes");
        assert!(output.status.success(), "{output:?}");
        let comment = fs::read_to_string(repository.path().join("diff.md")).unwrap();
        for part in [
            "<!-- portolan:demo -->\n### portolan: 5 Services come, on 2 nodes",
            "\n`@nothing` -> `clusters/demo`\n",
            "\n`clusters/demo` is new: `main` has no manifests there.\n",
        ] {
            assert!(comment.contains(part), "{comment}");
        }
    }
    repository.succeeds("git commit -q -a -m After && git branch -q -m main trunk");
    let output = step(&repository, "Say what changes");
    assert_eq!(output.status.code(), Some(66), "{output:?}");
}

#[test]
fn rules_that_are_not_up_to_date_fail() {
    let repository = Repository::demo();
    let name = "Check that the rules are up to date";
    assert_eq!(step(&repository, name).status.code(), Some(0));
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let output = step(&repository, name);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("+-A -t 10.96.14.3:80 -s rr -p 900")
    );
}

#[test]
fn findings_are_uploaded() {
    let repository = Repository::demo();
    let output = step(&repository, "Lint");
    assert!(output.status.success(), "{output:?}");
    let log = fs::read_to_string(repository.path().join("gh.log")).unwrap();
    assert!(
        log.contains("code-scanning/sarifs -f commit_sha=0123 -f ref=refs/pull/4/merge"),
        "{log}"
    );
    let sarif = repository.succeeds("base64 -d lint.sarif.gz.base64 | gunzip");
    assert!(sarif.contains("PTL011"), "{sarif}");
}

/// Refused input is a failure, not a finding.
#[test]
fn refused_input_fails() {
    let repository = Repository::demo();
    repository.edit("    - 10.96.14.3\n", "    - nowhere\n");
    assert_eq!(
        step(&repository, "Say what changes").status.code(),
        Some(65)
    );
}

/// A change cannot choose as what its folder is read.
#[test]
fn a_change_cannot_pass_for_rules_or_for_the_base() {
    let repository = Repository::demo();
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    repository.succeeds(
        "cp -r rules/MANIFEST rules/nodes clusters/demo/ \
         && mkdir -p main:clusters manifests:git:main:clusters \
         && cp -r clusters/demo main:clusters/ && cp -r clusters/demo manifests:git:main:clusters/",
    );
    let output = step(&repository, "Say what changes");
    assert!(output.status.success(), "{output:?}");
    let comment = fs::read_to_string(repository.path().join("diff.md")).unwrap();
    assert!(comment.contains("1 Service changes"), "{comment}");
}

#[test]
fn a_folder_that_is_a_link_is_refused() {
    let repository = Repository::demo();
    repository.succeeds("mv clusters/demo elsewhere && ln -s ../elsewhere clusters/demo");
    for name in [
        "Say what changes",
        "Lint",
        "Check that the rules are up to date",
    ] {
        assert_eq!(step(&repository, name).status.code(), Some(65), "{name}");
    }
}

#[test]
fn links_at_the_base_and_at_the_rules_are_refused() {
    let repository = Repository::demo();
    fs::write(repository.path().join("secret"), "hunter2: [\nx").unwrap();
    repository.succeeds("ln -s secret base.yaml");
    for name in ["Say what changes", "Lint"] {
        let output = step_beside(&repository, name, "base.yaml");
        assert_eq!(output.status.code(), Some(65), "{name}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "base.yaml: a link leads there\n");
    }
    repository.succeeds("mv rules elsewhere && ln -s elsewhere rules");
    let output = step(&repository, "Check that the rules are up to date");
    assert_eq!(output.status.code(), Some(65));
}
