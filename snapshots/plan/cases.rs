//! Every folder of `fixtures/plan`: manifests, and a capture of the node in `observed/`.

use std::fs;

use crate::support::{Portolan, fixture, snapshot};

/// Flags of the cases that need some.
const FLAGS: [(&str, &str); 6] = [
    ("leftovers-of-other-modes", "--mode nftables"),
    ("mode-changed", "--mode iptables"),
    ("take-over-nftables", "--mode nftables --takeover"),
    ("take-over", "--takeover"),
    ("scheduler-changed", "--detailed-exitcode"),
    ("udp-endpoints-gone-by-rules", "--max-removal 100"),
];

#[test]
fn each_kind_of_change() {
    let mut cases: Vec<String> = fs::read_dir(fixture("plan"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    cases.sort();
    assert!(cases.len() >= 23);
    for case in cases {
        let flags = FLAGS.iter().find(|(name, _)| *name == case);
        let run = Portolan::new("plan")
            .words(flags.map_or("", |(_, flags)| flags))
            .arg("-f")
            .arg(fixture(&format!("plan/{case}")))
            .arg("--observed")
            .arg(fixture(&format!("plan/{case}/observed")))
            .run();
        snapshot("plan", &case, run.to_string());
    }
}
