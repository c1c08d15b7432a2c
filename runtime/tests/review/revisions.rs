//! Git revisions as sides of a comparison.

use std::fs;
use std::process::Command;

use crate::repository::Repository;

#[test]
fn a_revision_compares_with_the_working_tree() {
    let repository = Repository::demo();
    let code = |words: &str| {
        let output = repository.run(&format!("portolan diff {words}"));
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), said)
    };
    for words in [
        "main:clusters/demo clusters/demo",
        "manifests:main:clusters/demo rules:main:rules",
        "main:rules rules --view unified",
        "main: clusters/demo -R",
        "HEAD:clusters/demo/cluster.yaml clusters/demo/cluster.yaml",
    ] {
        let (code, said) = code(words);
        assert_eq!(code, Some(0), "{words}: {said}");
    }
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    for words in [
        "main:clusters/demo clusters/demo",
        "rules:git:main:rules manifests:clusters/demo",
        "main: clusters/demo -R --view kernel",
    ] {
        let (code, said) = code(words);
        assert_eq!(code, Some(1), "{words}: {said}");
        assert!(said.contains("600 s") && said.contains("900 s"), "{said}");
    }
    // Nothing was checked out or left behind.
    let status = repository.succeeds("git status --porcelain");
    assert_eq!(status, " M clusters/demo/cluster.yaml\n");
}

#[test]
fn a_folder_of_manifests_that_became_compiled_rules_is_not_compared_with_manifests() {
    let repository = Repository::demo();
    repository.succeeds("rm -r clusters/demo && mv rules clusters/demo");
    let main = "git:main:clusters/demo";
    for (sides, said) in [
        (
            "main:clusters/demo clusters/demo",
            "main:clusters/demo looks like manifests, and clusters/demo like compiled rules",
        ),
        (
            "clusters/demo main:clusters/demo",
            "help: if that is what they are to be, say so: rules:clusters/demo manifests:main:clusters/demo",
        ),
        ("rules:clusters/demo git:main:clusters/demo", "say so: "),
        ("clusters/demo manifests:git:main:clusters/demo", "say so: "),
    ] {
        for command in ["diff", "graph"] {
            let output = repository.run(&format!("portolan {command} {sides}"));
            let text = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(64), "{command} {sides}: {text}");
            assert!(text.contains(said), "{command} {sides}: {text}");
        }
    }
    for (sides, code) in [
        (format!("manifests:{main} rules:clusters/demo"), 0),
        ("main:rules clusters/demo".to_owned(), 0),
        (format!("manifests:{main} manifests:clusters/demo"), 66),
    ] {
        let output = repository.run(&format!("portolan diff {sides}"));
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{sides}: {text}");
    }
}

#[test]
fn what_is_wrong_with_a_revision_is_said_at_its_place() {
    let repository = Repository::demo();
    repository.edit("    - 10.96.14.3\n", "    - 10.96.14.300\n");
    repository.succeeds("git commit -q -a -m Break");
    let output = repository.run("portolan diff HEAD:clusters/demo main~1:clusters/demo");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(65), "{said}");
    assert!(
        said.contains("--> HEAD:clusters/demo/cluster.yaml:"),
        "{said}"
    );
}

#[test]
fn what_git_cannot_read_names_the_way_out() {
    let repository = Repository::demo();
    fs::create_dir(repository.path().join("empty")).unwrap();
    fs::write(repository.path().join("empty/note.txt"), "x").unwrap();
    repository.succeeds("git add empty && git commit -q -m Note");
    for (side, code) in [
        ("nobody:clusters/demo", 66),
        ("main:nowhere", 66),
        ("main:empty", 66),
        ("-x:clusters/demo", 66),
    ] {
        let output = repository.run(&format!("portolan diff -- {side} clusters/demo"));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{side}: {said}");
        assert!(said.contains("help: "), "{side}: {said}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["diff", "main:clusters/demo", "clusters/demo"])
        .current_dir(repository.path())
        .env("PATH", "/nonexistent")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69));
}

#[test]
fn submodules_are_said_to_be_left_out() {
    let repository = Repository::demo();
    let commit = "1".repeat(40);
    repository.succeeds(&format!(
        "git update-index --add --cacheinfo 160000,{commit},clusters/vendor && git commit -q -m Vendor"
    ));
    let run = |words: &str| {
        let output = repository.run(&format!("portolan diff {words} @nothing --node node-a"));
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    for side in ["HEAD:clusters", ":clusters"] {
        let (code, said) = run(&format!("{side} -R"));
        assert_eq!(code, Some(1), "{side}: {said}");
        let warning = format!(
            "warning: {side} has a submodule that a revision does not hold, left out: vendor; "
        );
        assert_eq!(said.matches(&warning).count(), 1, "{side}: {said}");
        // What would not be looked at anyway is not missed.
        for words in ["-R --exclude vendor", "-R -q"] {
            let (_, said) = run(&format!("{side} {words}"));
            assert!(!said.contains("submodule"), "{side} {words}: {said}");
        }
    }
    for side in ["HEAD:clusters/vendor", ":clusters/vendor"] {
        let (code, said) = run(side);
        assert_eq!(code, Some(65), "{side}: {said}");
        assert!(said.contains("that is a submodule"), "{side}: {said}");
    }
}
