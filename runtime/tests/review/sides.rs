//! What a side is, is what the caller says: nothing that a change adds makes it something else.

use std::fs;
use std::os::unix::fs::symlink;

use crate::repository::Repository;

/// Exit code and both streams.
fn run(repository: &Repository, words: &str) -> (Option<i32>, String) {
    let output = repository.run(&format!("portolan {words}"));
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// The demo with a change that nobody shall see: rules of the old manifests beside the new ones.
fn disguised(commit: &str) -> Repository {
    let repository = Repository::demo();
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    let copy = "git tag base && cp -r rules/MANIFEST rules/nodes clusters/demo/";
    repository.succeeds(&format!("{copy} {commit}"));
    repository
}

#[test]
fn rules_beside_manifests_do_not_stand_for_them() {
    for (repository, new) in [
        (disguised(""), "clusters/demo"),
        (
            disguised("&& git add . && git commit -qm Change"),
            "HEAD:clusters/demo",
        ),
        (disguised("&& git add ."), ":clusters/demo"),
    ] {
        for words in [
            "diff base:clusters/demo",
            "diff base:clusters/demo -R",
            "graph",
        ] {
            let (code, said) = run(&repository, &format!("{words} {new}"));
            assert_eq!(code, Some(64), "{words} {new}: {said}");
            assert!(
                said.contains("could be compiled rules or manifests"),
                "{said}"
            );
            let help = format!("say which: rules:{new}, or manifests:{new}");
            assert!(said.contains(&help), "{said}");
        }
        let old = "manifests:git:base:clusters/demo";
        let (code, said) = run(&repository, &format!("diff {old} manifests:{new}"));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("600 s -> 900 s"), "{said}");
        let (code, said) = run(&repository, &format!("diff {old} rules:{new}"));
        assert_eq!(code, Some(0), "{said}");
    }
}

#[test]
fn a_capture_beside_manifests_does_not_stand_for_them() {
    let repository = Repository::demo();
    fs::write(repository.path().join("clusters/demo/ipvs.rules"), "").unwrap();
    let (code, said) = run(&repository, "diff main:clusters/demo clusters/demo");
    assert_eq!(code, Some(64), "{said}");
    assert!(
        said.contains("capture:clusters/demo, or manifests:clusters/demo"),
        "{said}"
    );
    let words = "diff main:clusters/demo manifests:clusters/demo";
    assert_eq!(run(&repository, words).0, Some(0));
}

#[test]
fn a_folder_named_like_a_revision_does_not_stand_for_it() {
    let repository = Repository::demo();
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    repository.succeeds("mkdir -p main:clusters && cp -r clusters/demo main:clusters/demo");
    let (code, said) = run(&repository, "diff main:clusters/demo clusters/demo");
    assert_eq!(code, Some(64), "{said}");
    assert!(
        said.contains("path:main:clusters/demo, or git:main:clusters/demo"),
        "{said}"
    );
    for (old, expected) in [
        ("git:main:clusters/demo", 1),
        ("manifests:git:main:clusters/demo", 1),
        ("path:main:clusters/demo", 0),
        ("./main:clusters/demo", 0),
    ] {
        let (code, said) = run(&repository, &format!("diff {old} clusters/demo"));
        assert_eq!(code, Some(expected), "{old}: {said}");
    }
}

#[test]
fn links_leave_a_folder_only_where_that_is_asked_for() {
    let repository = Repository::demo();
    let secret = repository.path().join("secret");
    fs::write(&secret, "password: hunter2\n  : x\n").unwrap();
    let link = repository.path().join("clusters/demo/link.yaml");
    for target in [
        secret.as_path(),
        "../../secret".as_ref(),
        "/dev/zero".as_ref(),
    ] {
        symlink(target, &link).unwrap();
        for words in [
            "lint -f clusters/demo",
            "compile -f clusters/demo --all-nodes --stdout",
            "diff @nothing clusters/demo",
            "plan --node node-a --observed nowhere -f clusters/demo",
            "explain --node node-a --from 10.244.1.7 --to 10.96.14.3:80 -f clusters/demo",
        ] {
            let (code, said) = run(&repository, words);
            assert_eq!(code, Some(65), "{words}: {said}");
            assert!(
                said.contains("--follow-links") && !said.contains("hunter2"),
                "{said}"
            );
        }
        repository.succeeds("git add clusters && git commit -qm Link");
        let (code, said) = run(&repository, "diff @nothing HEAD:clusters/demo");
        assert_eq!(code, Some(65), "{said}");
        assert!(
            said.contains("link.yaml is a link that leads out"),
            "{said}"
        );
        fs::remove_file(&link).unwrap();
    }
    symlink(&secret, &link).unwrap();
    let (_, said) = run(&repository, "lint --follow-links -f clusters/demo");
    assert!(said.contains("clusters/demo/link.yaml:2"), "{said}");
}

/// Mounted `ConfigMaps` are made of links.
#[test]
fn links_within_a_folder_are_followed_in_both() {
    let repository = Repository::demo();
    repository.succeeds(
        "cd clusters/demo && mkdir ..2026 && mv *.yaml ..2026/ && ln -s ..2026 ..data \
         && for f in ..2026/*; do ln -s ..data/${f#..2026/} ${f#..2026/}; done \
         && cd ../.. && git add clusters && git commit -qm Links",
    );
    for new in ["clusters/demo", "HEAD:clusters/demo", ":clusters/demo"] {
        let (code, said) = run(&repository, &format!("diff main~1:clusters/demo {new}"));
        assert_eq!(code, Some(0), "{new}: {said}");
    }
}

/// A folder beside the one that is named, and files in it, by links that everyone's checkout has.
#[test]
fn links_are_followed_in_a_revision_as_in_a_working_tree() {
    let repository = Repository::demo();
    repository.succeeds(
        "mkdir shared l && git mv clusters/demo/cluster.yaml shared/ && ln -s ../../shared clusters/demo/sh \
         && ln -s ../shared/cluster.yaml l/cluster.yaml && ln -s .. shared/up \
         && ln -s ../clusters/demo/kube-proxy.yaml ../clusters/demo/facts.yaml l/ && ln -s clusters/demo d \
         && git add . && git commit -qm Links",
    );
    let options = "--follow-links -R";
    for path in ["clusters/demo", "l", "d"] {
        for new in [
            path,
            &format!("HEAD:{path}"),
            &format!(":{path}"),
            &format!("HEAD:./{path}"),
            &format!("HEAD^{{/Links}}:{path}"),
        ] {
            let (code, said) = run(
                &repository,
                &format!("diff {options} main~1:clusters/demo {new}"),
            );
            assert_eq!(code, Some(0), "{new}: {said}");
        }
    }
    let (code, said) = run(
        &repository,
        &format!("diff {options} :d/kube-proxy.yaml HEAD:d/kube-proxy.yaml"),
    );
    // It is found, and has none.
    assert_eq!(code, Some(66), "{said}");
    assert!(said.contains("neither side has a Service"), "{said}");
    // Without the option links stay within the folder, and the way out is said.
    let (code, said) = run(&repository, "diff @nothing HEAD:l");
    assert_eq!(code, Some(65), "{said}");
    assert!(
        said.contains("leads out of its folder") && said.contains("--follow-links"),
        "{said}"
    );
    // What was deleted is missed.
    repository.succeeds("git rm -q --cached clusters/demo/sh && rm clusters/demo/sh");
    for new in ["clusters/demo", ":clusters/demo"] {
        let (code, said) = run(
            &repository,
            &format!("diff {options} --node node-a HEAD:clusters/demo {new}"),
        );
        assert_eq!(code, Some(1), "{new}: {said}");
    }
    // What is nowhere in a revision is refused by its name.
    repository.succeeds("ln -s /etc clusters/demo/etc && git add . && git commit -qm Away");
    for new in ["HEAD:clusters/demo", ":clusters/demo"] {
        let (code, said) = run(&repository, &format!("diff {options} @nothing {new}"));
        assert_eq!(code, Some(65), "{new}: {said}");
        assert!(
            said.contains("etc is a link that leads out of the repository"),
            "{said}"
        );
        let (code, said) = run(
            &repository,
            &format!("diff {options} --exclude etc @nothing {new}"),
        );
        assert_eq!(code, Some(0), "{new}: {said}");
    }
}

#[test]
fn what_is_no_file_is_refused_and_a_pipe_that_is_named_is_read() {
    let repository = Repository::demo();
    repository.succeeds("mkfifo clusters/demo/pipe.yaml");
    for words in [
        "lint -f clusters/demo",
        "diff main:clusters/demo clusters/demo",
    ] {
        let (code, said) = run(&repository, words);
        assert_eq!(code, Some(65), "{words}: {said}");
        assert!(said.contains("pipe.yaml"), "{said}");
    }
    repository.succeeds("rm clusters/demo/pipe.yaml");
    let compile = "portolan compile -q --node node-a --stdout --only ipvs.rules -f";
    let whole = repository.succeeds(&format!("{compile} clusters/demo"));
    for input in [
        "<(cat clusters/demo/cluster.yaml) -f clusters/demo/kube-proxy.yaml",
        "/dev/stdin -f clusters/demo/kube-proxy.yaml <clusters/demo/cluster.yaml",
    ] {
        let read = repository.succeeds(&format!("{compile} {input} -f clusters/demo/facts.yaml"));
        assert_eq!(read, whole, "{input}");
    }
}
