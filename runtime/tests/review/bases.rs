//! Against what a change is held: where it left the branch that it goes to, and never itself.

use crate::repository::Repository;
use crate::whole::{SETTINGS, has, repository, run};

const CHANGE: &str = "sed -i 's/timeoutSeconds: 600/timeoutSeconds: 900/' clusters/demo/cluster.yaml && git commit -q -a -m Change";

/// A clone of a repository whose change was pushed.
fn pushed(clone: &str, then: &str) -> Repository {
    let repository = repository(SETTINGS);
    repository.succeeds(&format!(
        "{CHANGE} && git clone -q --bare . far.git && git -C far.git symbolic-ref HEAD refs/heads/main && git clone -q {clone} file://$PWD/far.git near && cd near && {then}"
    ));
    repository
}

/// What was pushed is no base for itself.
#[test]
fn a_branch_is_not_held_against_its_own_copy() {
    for (clone, then) in [
        ("--single-branch -b change", "true"),
        ("--depth 1 -b change", "true"),
        (
            "-b change",
            "git remote set-head origin -d && git branch -q -r -d origin/main && git branch -q --set-upstream-to origin/change",
        ),
    ] {
        let repository = pushed(clone, then);
        let (code, said) = run(&repository, "cd near && portolan review");
        assert_eq!(code, Some(66), "{clone}: {said}");
        has(
            &said,
            &[
                "there is no branch main or master to compare with",
                "git fetch --unshallow",
            ],
        );
    }
}

#[test]
fn a_branch_without_anything_in_common_is_said_to_be_so() {
    let fetch = "git fetch -q --depth 1 origin main:refs/remotes/origin/main";
    let repository = pushed("--depth 1 -b change", fetch);
    let (code, said) = run(&repository, "cd near && portolan review");
    assert_eq!(code, Some(66), "{said}");
    has(
        &said,
        &[
            "nothing that is known here is common to origin/main and what is checked out",
            "`portolan review origin/main`, which is then compared as it is",
        ],
    );
    let (code, said) = run(&repository, "cd near && portolan review origin/main");
    assert_eq!(code, Some(1), "{said}");
    has(&said, &["it is compared as it is", "1 Service changes"]);
    repository.succeeds("git checkout -q --orphan other && git commit -q -m Other");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(66), "{said}");
    has(&said, &["is common to main and what is checked out"]);
}

/// On the branch itself, all is as it is.
#[test]
fn nothing_to_review_is_no_success() {
    let repository = repository(SETTINGS);
    for branch in ["change", "main"] {
        repository.succeeds(&format!("git checkout -q {branch}"));
        let (code, said) = run(&repository, "portolan review");
        assert_eq!(code, Some(66), "{said}");
        has(
            &said,
            &["Review: nothing to review: what is looked at is as main has it"],
        );
    }
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(1), "{said}");
    has(&said, &["1 Service changes"]);
}

/// What others did on the branch since is no part of the change.
#[test]
fn a_named_branch_is_compared_where_this_left_it() {
    let repository = repository(SETTINGS);
    repository.succeeds(&format!(
        "git commit -q --allow-empty -m Change && git checkout -q main && {CHANGE} && git checkout -q change"
    ));
    let (code, said) = run(&repository, "portolan review main");
    assert_eq!(code, Some(0), "{said}");
    has(&said, &["where this left main", "No Service changes"]);
}

#[test]
fn what_is_no_revision_is_said_to_be_what_it_is() {
    let repository = repository(SETTINGS);
    for (command, parts) in [
        (
            "review main..HEAD",
            &["a range of revisions", "before the change: main"][..],
        ),
        ("review ''", &["the name is empty"]),
        (
            "review HEAD:clusters",
            &["a path of a revision", "name the revision, HEAD"],
        ),
        ("review nobody", &["there is no such revision"]),
        (
            "diff main clusters/demo",
            &["main is a revision", "main:PATH"],
        ),
    ] {
        let (code, said) = run(&repository, &format!("portolan {command}"));
        assert_eq!(code, Some(66), "{command}: {said}");
        has(&said, parts);
    }
    repository.succeeds("git init -q empty && git init -q --bare bare");
    let (code, said) = run(&repository, "cd empty && portolan review");
    assert_eq!(code, Some(66), "{said}");
    has(&said, &["the repository has no commit yet"]);
    let (code, said) = run(&repository, "cd bare && portolan diff main:a main:b");
    assert_eq!(code, Some(66), "{said}");
    has(&said, &["a bare repository is not looked into"]);
}
