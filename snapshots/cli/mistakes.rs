//! Mistakes on the command line, and inputs that are not there.

use std::fs;

use golden_support::{Portolan, folder, snapshot};
use portolan_runtime::report::Exit;

#[test]
fn mistakes_end_with_64_and_say_how_to_do_it() {
    for (case, words) in [
        ("no-command", ""),
        ("unknown-command", "compiel"),
        ("no-input", "compile --stdout"),
        ("no-destination", "compile -f cluster.yaml"),
        (
            "two-destinations",
            "compile -f cluster.yaml --stdout --out rules",
        ),
        (
            "node-and-all-nodes",
            "compile -f a.yaml --stdout --node a --all-nodes",
        ),
        ("check-without-out", "compile -f a.yaml --stdout --check"),
        (
            "only-without-stdout",
            "compile -f a.yaml --out rules --only addresses",
        ),
        (
            "unknown-artefact",
            "compile -f a.yaml --stdout --only ipset",
        ),
        (
            "unknown-mode",
            "compile -f a.yaml --stdout --mode userspace",
        ),
        (
            "old-kube-version",
            "compile -f a.yaml --stdout --kube-version 1.29",
        ),
        ("quiet-and-verbose", "compile -f a.yaml --stdout -q -v"),
        (
            "url",
            "compile -f https://example.com/cluster.yaml --stdout",
        ),
        ("stdin-twice", "compile -f - --base - --stdout"),
        ("bad-node-name", "facts --node Node_A"),
    ] {
        let run = Portolan::new(words).run();
        assert_eq!(run.exit, Exit::Usage, "{case}: {run}");
        snapshot("cli", &format!("mistake-{case}"), run.to_string());
    }
}

#[test]
fn missing_inputs_are_all_named_and_end_with_66() {
    let dir = folder();
    fs::create_dir_all(dir.path().join("deep/deeper")).unwrap();
    let run = Portolan::new("compile --stdout -f missing.yaml --base gone/ -f")
        .arg(dir.path().join("deep").display().to_string())
        .hide(&dir)
        .run();
    assert_eq!(run.exit, Exit::NoInput);
    snapshot("cli", "inputs-missing", run.to_string());
}
