//! Options that the input at hand has no use for are refused, whatever the verb.

use golden_support::{Portolan, Run, fixture, folder};
use portolan_runtime::report::Exit;

/// Options that say how manifests are read and compiled.
const COMPILING: [&str; 7] = [
    "--kube-version 1.36",
    "--mode ipvs",
    "--recursive",
    "--follow-links",
    "--exclude x",
    "--base DEMO",
    "--base DEMO --keep-base",
];

/// Options that decide what is planned.
const PLANNING: [&str; 5] = [
    "--takeover",
    "--ownership tracked",
    "--exclude-cidrs none",
    "--max-removal 25",
    "--allow-empty",
];

const RECORDS: [&str; 1] = ["--state-dir /var/lib/portolan"];

/// Command lines, and the options that they have no use for.
fn cases() -> Vec<(&'static str, Vec<&'static str>)> {
    let compiling = COMPILING.to_vec();
    let with_records = [&COMPILING[..], &RECORDS].concat();
    vec![
        ("plan RULES --observed OBSERVED", with_records.clone()),
        (
            "plan -f DEMO --node node-a --observed OBSERVED",
            RECORDS.to_vec(),
        ),
        ("apply RULES --yes", compiling.clone()),
        ("apply rules:RULES --yes", compiling.clone()),
        ("apply PLAN", [&COMPILING[..], &PLANNING].concat()),
        ("apply plan:PLAN", [&COMPILING[..], &PLANNING].concat()),
        (
            "explain RULES --node-address 192.0.2.11 --from node --to 10.96.14.3:80",
            compiling,
        ),
        ("diff RULES RULES", with_records.clone()),
        ("diff RULES @nothing", RECORDS.to_vec()),
        ("diff RULES OBSERVED", with_records.clone()),
        ("diff OBSERVED capture:OBSERVED", with_records.clone()),
        (
            "diff manifests:DEMO rules:RULES --node node-a",
            RECORDS.to_vec(),
        ),
        (
            "diff manifests:DEMO rules:RULES --node node-a --mode ipvs",
            vec!["--mode iptables"],
        ),
        ("diff RULES --mode ipvs", vec!["--mode nftables"]),
        (
            "diff RULES --kube-version 1.36",
            vec!["--kube-version 1.37"],
        ),
        ("graph RULES", with_records.clone()),
        ("graph RULES RULES", with_records),
        ("graph DEMO", RECORDS.to_vec()),
    ]
}

#[test]
fn what_would_be_ignored_is_refused() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let run = |words: &str| -> Run {
        let words = words
            .replace("RULES", &at("rules"))
            .replace("PLAN", &at("plan.json"))
            .replace("DEMO", &fixture("demo"))
            .replace("OBSERVED", &fixture("plan/node-empty/observed"));
        Portolan::new(&words).hide(&dir).run()
    };
    let made = run("compile -f DEMO --node node-a --out RULES");
    assert_eq!(made.exit, Exit::Done, "{made}");
    let made = run("plan RULES --observed OBSERVED --out PLAN");
    assert_eq!(made.exit, Exit::Done, "{made}");
    for (words, options) in cases() {
        let without = run(words);
        let comparing_with_nothing = words.starts_with("diff RULES --");
        assert!(
            without.exit != Exit::Usage || comparing_with_nothing,
            "{words}: {without}"
        );
        for option in options {
            let refused = run(&format!("{words} {option}"));
            assert_eq!(refused.exit, Exit::Usage, "{words} {option}: {refused}");
            let first = option.split(' ').next().unwrap_or_default();
            let said = refused.stderr.contains(&format!("error: {first} "));
            assert!(said, "{words} {option}: {refused}");
            assert!(
                refused.stderr.contains("help: "),
                "{words} {option}: {refused}"
            );
            assert!(refused.stdout.is_empty(), "{words} {option}: {refused}");
        }
    }
}

#[test]
fn what_counts_for_one_side_is_taken() {
    let dir = folder();
    let at = dir.path().join("rules").display().to_string();
    let run = |words: &str| {
        let words = words
            .replace("RULES", &at)
            .replace("DEMO", &fixture("demo"));
        Portolan::new(&words).hide(&dir).run()
    };
    let made = run("compile -f DEMO --node node-a --out RULES");
    assert_eq!(made.exit, Exit::Done, "{made}");
    for option in COMPILING {
        let taken = run(&format!(
            "diff rules:RULES manifests:DEMO --node node-a {option}"
        ));
        assert!(
            matches!(taken.exit, Exit::Done | Exit::Differs),
            "{option}: {taken}"
        );
    }
}
