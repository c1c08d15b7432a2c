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

/// What a workflow says to the action, beside what it always says.
type Inputs<'a> = &'a [(&'a str, &'a str)];

/// What a workflow for the demo says where the repository has no settings.
const DEMO: Inputs<'static> = &[
    ("inputs.manifests", "clusters/demo"),
    ("inputs.rules", "rules"),
];

/// Runs the step as a runner would.
fn review(repository: &Repository, inputs: Inputs<'_>) -> Output {
    let home = repository.path().display();
    let gh = repository.path().join("gh");
    fs::write(&gh, GH).unwrap();
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
    let steps = steps();
    let step = &steps[0];
    let script = step["run"].as_str().unwrap();
    let mut command = repository.bash(&format!("PATH={home}:$PATH\n{script}"));
    for (variable, value) in step["env"].as_mapping().unwrap() {
        let value = value.as_str().unwrap();
        let always = [
            ("inputs.portolan", "portolan"),
            ("inputs.against", "main"),
            ("inputs.name", "demo"),
            ("inputs.token", "secret"),
            ("github.event.pull_request.number", "4"),
        ];
        let mut set = always.iter().chain(inputs);
        let value = set.find(|(input, _)| value == format!("${{{{ {input} }}}}"));
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
    repository.succeeds("portolan compile -q -f clusters/demo --all-nodes --out rules");
    let log = || fs::read_to_string(repository.path().join("gh.log")).unwrap();
    let output = review(&repository, DEMO);
    assert!(output.status.success(), "{output:?}");
    let annotations = String::from_utf8(output.stdout).unwrap();
    assert!(
        annotations.contains("::notice file=clusters/demo/cluster.yaml,line=77"),
        "{annotations}"
    );
    let comment = fs::read_to_string(repository.path().join("review.md")).unwrap();
    for part in [
        "<!-- portolan:demo -->\n### portolan: nothing to mend\n",
        "#### 1 Service changes",
        "`rules` is up to date",
    ] {
        assert!(comment.contains(part), "{comment}");
    }
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
    assert!(review(&repository, DEMO).status.success());
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
    let output = review(&repository, DEMO);
    assert_eq!(
        output.status.code(),
        Some(1),
        "all findings are new: {output:?}"
    );
    let comment = fs::read_to_string(repository.path().join("review.md")).unwrap();
    for part in [
        "### portolan: lint has new findings\n",
        "#### 5 Services come, on 2 nodes",
        "\n`@nothing` -> `clusters/demo`\n",
    ] {
        assert!(comment.contains(part), "{comment}");
    }
    repository.succeeds("git commit -q -a -m After && git branch -q -m main trunk");
    let output = review(&repository, DEMO);
    assert_eq!(output.status.code(), Some(66), "{output:?}");
}

/// With settings of the repository, nothing has to be said.
#[test]
fn the_repository_says_what_to_look_at() {
    let repository = Repository::demo();
    fs::write(
        repository.path().join("portolan.yaml"),
        "inputs: clusters/demo\nout: rules\nblastRadius: 10%\n",
    )
    .unwrap();
    repository.succeeds("git add . && git commit -q -m Settings && git checkout -q -b change");
    fs::write(
        repository.path().join("portolan.yaml"),
        "blastRadius: 100%\n",
    )
    .unwrap();
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let output = review(&repository, &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let comment = fs::read_to_string(repository.path().join("review.md")).unwrap();
    for part in [
        "### portolan: compiled rules are not up to date, more changes than may at once\n",
        "**portolan.yaml is edited: what it said before the change decides.**",
        "To write it: `portolan compile`\n",
        "**More than 10% of the Services change or go: 1 of 5.**",
    ] {
        assert!(comment.contains(part), "{comment}");
    }
}

#[test]
fn rules_that_are_not_up_to_date_fail() {
    let repository = Repository::demo();
    assert_eq!(review(&repository, DEMO).status.code(), Some(0));
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let output = review(&repository, DEMO);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("::error title=portolan%3A compiled rules::rules is not up to date."),
        "{said}"
    );
    let comment = fs::read_to_string(repository.path().join("review.md")).unwrap();
    assert!(
        comment.contains("+-A -t 10.96.14.3:80 -s rr -p 900"),
        "{comment}"
    );
}

#[test]
fn findings_are_uploaded() {
    let repository = Repository::demo();
    let output = review(&repository, DEMO);
    assert!(output.status.success(), "{output:?}");
    let log = fs::read_to_string(repository.path().join("gh.log")).unwrap();
    assert!(
        log.contains("code-scanning/sarifs -f commit_sha=0123 -f ref=refs/pull/4/merge"),
        "{log}"
    );
    let sarif = repository.succeeds("base64 -d lint.sarif.gz.base64 | gunzip");
    assert!(sarif.contains("PTL011"), "{sarif}");
}

/// Refused input is a failure, not a finding; it is commented on all the same.
#[test]
fn refused_input_fails() {
    let repository = Repository::demo();
    repository.edit("    - 10.96.14.3\n", "    - nowhere\n");
    assert_eq!(review(&repository, DEMO).status.code(), Some(65));
    let comment = fs::read_to_string(repository.path().join("review.md")).unwrap();
    assert!(
        comment.contains("something could not be reviewed"),
        "{comment}"
    );
}

/// A change cannot choose as what its folder is read.
#[test]
fn a_change_cannot_pass_for_rules_or_for_the_base() {
    let repository = Repository::demo();
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    repository.succeeds("portolan compile -q -f clusters/demo --all-nodes --out rules");
    repository.succeeds(
        "cp -r rules/MANIFEST rules/nodes clusters/demo/ \
         && mkdir -p main:clusters manifests:git:main:clusters \
         && cp -r clusters/demo main:clusters/ && cp -r clusters/demo manifests:git:main:clusters/",
    );
    review(&repository, DEMO);
    let comment = fs::read_to_string(repository.path().join("review.md")).unwrap();
    assert!(comment.contains("1 Service changes"), "{comment}");
}

#[test]
fn a_link_in_the_place_of_what_is_named_is_refused() {
    for (place, inputs) in [
        ("clusters/demo", DEMO),
        ("rules", DEMO),
        (
            "base.yaml",
            &[
                ("inputs.manifests", "clusters/demo"),
                ("inputs.base", "base.yaml"),
            ],
        ),
    ] {
        let repository = Repository::demo();
        fs::write(repository.path().join("secret"), "hunter2: [\nx").unwrap();
        repository.succeeds(&format!(
            "[ ! -e {place} ] || mv {place} elsewhere; ln -s \"$PWD\"/secret {place}"
        ));
        let output = review(&repository, inputs);
        assert_eq!(output.status.code(), Some(65), "{place}");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.contains(&format!("the path {place} is a link, or leads through one")),
            "{said}"
        );
        assert!(!said.contains("hunter2"), "{said}");
    }
}
