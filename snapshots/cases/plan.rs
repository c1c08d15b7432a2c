//! Every folder of `fixtures/plan`: manifests, and a capture of the node in `observed/`.

use golden_support::{Portolan, Scenario, fixture, snapshot};
use libtest_mimic::Trial;

use crate::case;

const AREA: &str = "plan";

/// Flags of the cases that need some.
const FLAGS: [(&str, &str); 6] = [
    ("leftovers-of-other-modes", "--mode nftables"),
    ("mode-changed", "--mode iptables"),
    ("take-over-nftables", "--mode nftables --takeover"),
    ("take-over", "--takeover"),
    ("scheduler-changed", "--detailed-exitcode"),
    ("udp-endpoints-gone-by-rules", "--max-removal 100"),
];

pub(crate) fn cases() -> Vec<Trial> {
    let test = |scenario: Scenario| {
        case(format!("{AREA}::{}", scenario.name), move || {
            check(&scenario.name);
        })
    };
    Scenario::all(AREA).into_iter().map(test).collect()
}

fn check(name: &str) {
    let flags = FLAGS.iter().find(|(case, _)| *case == name);
    let run = Portolan::new("plan")
        .words(flags.map_or("", |(_, flags)| flags))
        .arg("-f")
        .arg(fixture(&format!("plan/{name}")))
        .arg("--observed")
        .arg(fixture(&format!("plan/{name}/observed")))
        .run();
    snapshot(AREA, name, run.to_string());
}
