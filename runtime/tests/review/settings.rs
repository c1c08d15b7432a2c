//! `portolan.yaml` in real repositories: where it is looked for, and what it can reach.

use std::fs;
use std::os::unix::fs::symlink;

use crate::repository::Repository;

fn with_file(text: &str) -> Repository {
    let repository = Repository::demo();
    fs::write(repository.path().join("portolan.yaml"), text).unwrap();
    repository
}

#[test]
fn it_is_found_from_any_folder_of_the_repository() {
    let repository = with_file("inputs: clusters/demo\nout: rules\n");
    for folder in [".", "clusters", "clusters/demo", "rules/nodes"] {
        let said = repository.succeeds(&format!("cd {folder} && portolan compile --check 2>&1"));
        assert!(said.contains("0 files would change"), "{folder}: {said}");
    }
    let said = repository.run("cd clusters/demo && portolan lint");
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("cluster.yaml:"), "{said}");
}

/// Above a repository others may write, and without one every folder could be somebody's.
#[test]
fn it_is_looked_for_no_higher_than_the_repository_goes() {
    let repository = with_file("mode: nftables\n");
    repository.succeeds("mkdir -p inner/deep && git -C inner init -q && mkdir -p plain/deep");
    let mode = |folder: &str| repository.succeeds(&format!("cd {folder} && portolan config"));
    assert!(mode("plain/deep").contains("nftables"));
    assert!(!mode("inner/deep").contains("nftables"));
    repository.succeeds("rm -rf .git");
    assert!(!mode("plain/deep").contains("nftables"));
    assert!(mode(".").contains("nftables"));
}

#[test]
fn links_lead_nowhere() {
    let repository = with_file("inputs: link\nbase: clusters/demo\n");
    symlink("clusters/demo", repository.path().join("link")).unwrap();
    let output = repository.run("portolan lint");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64), "{said}");
    assert!(
        said.contains("portolan.yaml:1: inputs: the path \"link\" is a link, or leads through one"),
        "{said}"
    );
    // What is named on the command line is whoever's names it.
    let output = repository.run("portolan lint -f link/cluster.yaml -q");
    assert_eq!(output.status.code(), Some(1));
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("settings"), "mode: nftables\n").unwrap();
    fs::remove_file(repository.path().join("portolan.yaml")).unwrap();
    symlink(
        elsewhere.path().join("settings"),
        repository.path().join("portolan.yaml"),
    )
    .unwrap();
    let output = repository.run("portolan config");
    assert_eq!(output.status.code(), Some(65), "{output:?}");
}

#[test]
fn every_kind_of_command_takes_what_it_has_an_option_for() {
    let repository = with_file("inputs: clusters/demo\nmode: nftables\nkubeVersion: 1.35\n");
    for command in [
        "compile --stdout --only services",
        "lint",
        "diff main:clusters/demo clusters/demo",
        "graph clusters/demo",
    ] {
        let output = repository.run(&format!("portolan {command}"));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("mirrors kube-proxy 1.35 mode nftables: release as asked for"),
            "{command}: {said}"
        );
    }
    // The repository's own file is none of the manifests of a revision either.
    repository.succeeds("git add . && git commit -q -m Settings");
    let output = repository.run("portolan diff HEAD: . -R --exclude rules");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
