//! What a review reads of the working tree: what a commit of all of it would have, and nothing passed by.

use std::fs;

use crate::repository::Repository;
use crate::whole::{SETTINGS, has, repository, run};

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: more, namespace: shop}\nspec: {ports: [{port: 80}]}\n";

/// A repository whose manifests are in folders of a folder.
fn nested(settings: &str) -> Repository {
    let repository = Repository::demo();
    let write = |name: &str, text: &str| {
        let path = repository.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "clusters/git/namespace.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
    );
    write("clusters/git/shop/more.yaml", SERVICE);
    write("portolan.yaml", settings);
    repository.succeeds("git add . && git commit -q -m Git && git checkout -q -b change && git commit -q --allow-empty -m Change");
    repository
}

#[test]
fn folders_that_are_passed_by_are_an_error() {
    let repository = nested("inputs: clusters/git\n");
    let parts = [
        "clusters/git has folders that hold manifests too, and are not read: shop",
        "recursive: true",
    ];
    for command in [
        "review",
        "lint",
        "compile --node node-a --stdout",
        "diff clusters/git @nothing",
    ] {
        let (code, said) = run(&repository, &format!("portolan {command}"));
        assert_eq!(code, Some(66), "{command}: {said}");
        has(&said, &parts);
    }
    let (code, said) = run(&repository, "portolan diff main:clusters/git @nothing");
    assert_eq!(code, Some(66), "{said}");
    has(
        &said,
        &["main:clusters/git has folders that hold manifests too"],
    );
    // Somebody who says so does not miss it.
    let (code, said) = run(
        &repository,
        "portolan diff main:clusters/git clusters/git --exclude shop",
    );
    assert_eq!(code, Some(66), "{said}");
    has(&said, &["neither side has a Service"]);
    for said_so in [
        "portolan diff main:clusters/git clusters/git -R",
        "portolan review -R",
    ] {
        let (code, said) = run(&repository, said_so);
        assert_eq!(code, Some(0), "{said}");
    }
}

#[test]
fn what_kustomize_would_render_is_no_service() {
    let repository = nested("inputs: clusters/prod\n");
    repository.succeeds("mkdir clusters/prod && printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../git]\n' > clusters/prod/kustomization.yaml && git add . && git commit -q -m Overlay && git branch -f main");
    repository.succeeds("git commit -q --allow-empty -m Change");
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(66), "{said}");
    has(
        &said,
        &[
            "neither side has a Service",
            "clusters/prod/kustomization.yaml is for kustomize",
        ],
    );
}

#[test]
fn what_git_does_not_have_is_left_out() {
    let repository = repository(SETTINGS);
    repository.succeeds("echo ignored.yaml > .gitignore && git add . && git commit -q -m Ignore && git init -q clusters/demo/inner && git -C clusters/demo/inner commit -q --allow-empty -m Inner");
    for name in ["ignored.yaml", "inner/more.yaml"] {
        fs::write(repository.path().join("clusters/demo").join(name), SERVICE).unwrap();
    }
    let (code, said) = run(&repository, "portolan review -R");
    assert_eq!(code, Some(0), "{said}");
    has(
        &said,
        &[
            "No Service changes",
            "left out here, as Git neither has nor would take it: clusters/demo/ignored.yaml, clusters/demo/inner/more.yaml",
        ],
    );
    // What is not committed yet counts.
    fs::write(repository.path().join("clusters/demo/more.yaml"), SERVICE).unwrap();
    let (_, said) = run(&repository, "portolan review -R");
    has(&said, &["1 Service comes"]);
}

#[test]
fn submodules_are_on_neither_side() {
    let repository = repository(SETTINGS);
    repository.succeeds("git init -q far && git -C far commit -q --allow-empty -m Far && git -c protocol.file.allow=always submodule --quiet add ./far clusters/demo/module && git commit -q -m Module");
    fs::write(
        repository.path().join("clusters/demo/module/more.yaml"),
        SERVICE,
    )
    .unwrap();
    let (code, said) = run(&repository, "portolan review -R");
    assert_eq!(code, Some(0), "{said}");
    has(&said, &["No Service changes", "left out here"]);
}

#[test]
fn what_is_not_checked_out_is_an_error() {
    let repository = repository(SETTINGS);
    repository.succeeds("git sparse-checkout init --no-cone && printf '/*\n!clusters/demo/facts.yaml\n' > .git/info/sparse-checkout && git read-tree -m -u HEAD && git commit -q --allow-empty -m Change");
    assert!(!repository.path().join("clusters/demo/facts.yaml").exists());
    let (code, said) = run(&repository, "portolan review");
    assert_eq!(code, Some(66), "{said}");
    has(
        &said,
        &[
            "clusters/demo/facts.yaml is in Git, and not checked out here",
            "git sparse-checkout add",
        ],
    );
}
