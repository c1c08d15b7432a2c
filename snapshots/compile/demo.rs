//! The demo cluster: its artefacts, one snapshot each.

use golden_support::{Portolan, fixture, snapshot};
use portolan_runtime::report::Exit;

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

/// The artefacts of mode iptables.
#[test]
fn each_artefact_of_the_demo_in_mode_iptables() {
    let folder = golden_support::folder();
    let run = Portolan::new("compile -q --node node-a --kube-version 1.30 --mode iptables -f")
        .arg(fixture("demo"))
        .arg("--out")
        .arg(folder.path().display().to_string())
        .run();
    assert_eq!(run.exit, Exit::Done, "{run}");
    let manifest = std::fs::read_to_string(folder.path().join("nodes/node-a/MANIFEST")).unwrap();
    assert!(manifest.contains("kube-proxy 1.30 iptables"), "{manifest}");
    let node = folder.path().join("nodes/node-a");
    let mut names: Vec<String> = std::fs::read_dir(&node)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "MANIFEST")
        .collect();
    names.sort();
    // The demo serves no node ports on 127.0.0.1, and no setting is asked for.
    let expected = [
        "ip6tables.restore",
        "iptables.restore",
        "modules-load.conf",
        "services",
    ];
    assert_eq!(names, expected);
    for name in names {
        let text = std::fs::read_to_string(node.join(&name)).unwrap();
        snapshot("compile", &format!("demo-iptables-mode-{name}"), &text);
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
    let folder = golden_support::folder();
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
