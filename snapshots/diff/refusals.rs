//! What cannot be compared, and the way out.

use std::fmt::Write as _;

use golden_support::{Portolan, fixture, folder, snapshot};

use super::AREA;

#[test]
fn mistakes_name_the_way_out() {
    let nowhere = folder();
    let mut said = String::new();
    for words in [
        "one.yaml",
        "@last @live",
        "- -",
        "--base - a b",
        "--blast-radius 20% --view kernel a b",
        "--kube-version 1.33 --kube-version 1.34 --kube-version 1.35 a b",
        "--blast-radius many a b",
        "https://example.org/a.yaml b",
        "-q --state-dir /nonexistent @current @1",
        "nothing-here.yaml nor-here.yaml",
    ] {
        let run = Portolan::new("diff").words(words).run();
        assert!(run.exit.code() >= 64, "{run}");
        let _ = writeln!(said, "portolan diff {words}\n{run}");
    }
    let case = |name: &str| fixture(&format!("diff/{name}"));
    let run = Portolan::new("diff")
        .arg(case("capture-of-a-stranger/old"))
        .arg(case("node-comes-another-goes/new"))
        .run();
    let _ = writeln!(said, "manifests and a capture, without a word\n{run}");
    let run = Portolan::new("diff")
        .arg(format!("capture:{}", case("capture-of-a-stranger/old")))
        .arg(format!("manifests:{}", case("node-comes-another-goes/new")))
        .hide(&nowhere)
        .run();
    let _ = writeln!(said, "a capture and two nodes\n{run}");
    let run = Portolan::new("diff --node node-z")
        .arg(case("node-comes-another-goes/old"))
        .arg(case("node-comes-another-goes/new"))
        .run();
    let _ = writeln!(said, "an unknown node\n{run}");
    snapshot(AREA, "refusals", said);
}
