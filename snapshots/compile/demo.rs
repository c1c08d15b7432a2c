//! The demo cluster: its artefacts, one snapshot each.

use portolan_runtime::cli::Exit;

use crate::support::{Portolan, fixture, snapshot};

const ARTEFACTS: [&str; 8] = [
    "modules-load.conf",
    "sysctl.conf",
    "addresses",
    "ipset.restore",
    "iptables.restore",
    "ip6tables.restore",
    "ipvs.rules",
    "ipvs.timeouts",
];

#[test]
fn each_artefact_of_the_demo() {
    for name in ARTEFACTS {
        let run = Portolan::new("compile -q --node node-a --stdout --only")
            .arg(name)
            .arg("-f")
            .arg(fixture("demo"))
            .run();
        assert_eq!((run.exit, run.stderr.as_str()), (Exit::Done, ""), "{name}");
        snapshot("compile", &format!("demo-{name}"), run.text());
    }
}

#[test]
fn the_demo_in_other_words() {
    for name in ["ipvs.rules", "ipset.restore"] {
        let artefact = Portolan::new("compile -q --node node-b --stdout --only")
            .arg(name)
            .arg("-f")
            .arg(fixture("demo"))
            .run();
        let run = Portolan::new("show -").stdin(artefact.stdout).run();
        assert_eq!(run.exit, Exit::Done, "{run}");
        snapshot("compile", &format!("demo-shown-{name}"), run.text());
    }
}

#[test]
fn the_gallery_in_the_readme_is_what_comes_out() {
    let folder = crate::support::folder();
    let run = Portolan::new("compile -q --node node-a -f")
        .arg(fixture("demo"))
        .arg("--out")
        .arg(folder.path().display().to_string())
        .run();
    assert_eq!(run.exit, Exit::Done, "{run}");
    let artefacts: Vec<String> = run
        .text()
        .lines()
        // ipvs.nl is no text.
        .filter_map(|line| std::fs::read_to_string(folder.path().join(&line[2..])).ok())
        .collect();
    let readme = include_str!("../../README.md");
    let gallery = readme
        .split("\n## ")
        .find(|part| part.starts_with("What comes out"));
    let blocks: Vec<&str> = gallery.unwrap().split("```\n").skip(1).step_by(2).collect();
    assert_eq!(blocks.len(), 8);
    for block in blocks {
        let shown = |artefact: &String| {
            let mut lines = artefact.lines();
            block.lines().all(|line| lines.any(|other| other == line))
        };
        assert!(
            artefacts.iter().any(shown),
            "in no artefact, in this order:\n{block}"
        );
    }
}
