//! The pre-commit hooks.

use std::fs;

use serde_yaml::Value;

use crate::repository::{Repository, root};

fn hook(id: &str) -> Value {
    let text = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<Value> = serde_yaml::from_str(&text).unwrap();
    hooks.into_iter().find(|hook| hook["id"] == id).unwrap()
}

fn command(id: &str) -> String {
    let hook = hook(id);
    let args = hook["args"].as_sequence().unwrap().iter();
    let args: Vec<&str> = args.map(|arg| arg.as_str().unwrap()).collect();
    format!("{} {}", hook["entry"].as_str().unwrap(), args.join(" "))
}

#[test]
fn lint_looks_at_the_repository() {
    let repository = Repository::demo();
    let output = repository.run(&command("portolan-lint"));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("PTL011"), "{said}");
}

#[test]
fn rules_are_checked() {
    let repository = Repository::demo();
    let check = command("portolan-check");
    assert_eq!(repository.run(&check).status.code(), Some(0));
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    assert_eq!(repository.run(&check).status.code(), Some(1));
}

#[test]
fn a_review_takes_what_is_committed() {
    let repository = Repository::demo();
    let settings = "inputs: clusters/demo\nout: rules\n";
    fs::write(repository.path().join("portolan.yaml"), settings).unwrap();
    repository.succeeds("git add . && git commit -q -m Settings");
    let review = command("portolan-review");
    assert_eq!(repository.run(&review).status.code(), Some(0));
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    assert_eq!(repository.run(&review).status.code(), Some(1));
}
