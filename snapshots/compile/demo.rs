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
