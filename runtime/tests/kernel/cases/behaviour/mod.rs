//! The same cluster in every mode: who answers, what sender they see, and what is refused, are equal
//! but for what `differences` declares; and in each mode they are what `explain` says.

mod clusters;
mod compare;
mod differences;
mod firewall;
mod flow;
mod flows;
mod predicted;
mod record;

use portolan_compiler::model::Mode;

use clusters::Cluster;
use compare::Comparison;
use differences::Difference;
use firewall::Closed;
use predicted::Predicting;

use crate::bed::Bed;
use crate::harness::Case;
use crate::node::Tool;

/// What is said about the declared differences.
const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/modes.md"));

/// Every cluster in every mode, and the page about them.
pub(crate) fn cases() -> Vec<Case> {
    let clusters = Cluster::ALL.map(|cluster| {
        let name = format!("behaviour::{}", cluster.name());
        Case::new(name, move || alike(cluster))
    });
    let others = [
        Case::new("behaviour::the_page_lists_what_is_declared", page),
        Case::new(
            "behaviour::what_the_node_itself_keeps_out",
            firewall::keeps_out,
        ),
    ];
    clusters.into_iter().chain(others).collect()
}

/// The mode that the others are held against comes first.
const MODES: [Mode; 3] = [Mode::Iptables, Mode::Nftables, Mode::Ipvs];

fn alike(cluster: Cluster) {
    let bed = Bed::new(&cluster.pods());
    if cluster == Cluster::Hairpin {
        bed.lead_other_node_to_services();
    }
    let services = cluster.services();
    let services: Vec<_> = services.iter().collect();
    let configuration = cluster.configuration();
    let compiled = MODES.map(|mode| bed.compiled(mode, configuration, &services));
    let flows = flows::of(&compiled[0].program, &bed, cluster);
    record::paths_are_known(&bed, &flows);
    let mut recorded = MODES.map(|_| Vec::new());
    // So that among the clusters each mode takes the node over from each other one, and from nobody.
    let (begin, step) = (cluster as usize, 1 + cluster as usize / MODES.len() % 2);
    for turn in 0..MODES.len() {
        let number = (begin + turn * step) % MODES.len();
        bed.change_in(MODES[number], configuration, &services);
        recorded[number] = record::record(&bed, &flows);
        // Each mode is to decide by itself about what is asked.
        Tool::new("conntrack --flush").run();
    }
    let comparison = Comparison::new(&flows, &recorded);
    eprintln!("{comparison}");
    for ((mode, compiled), recorded) in MODES.into_iter().zip(&compiled).zip(&recorded) {
        Predicting::new(mode, &bed, compiled).hold_against(&flows, recorded);
    }
    comparison.wanted_answers();
    comparison.only_what_is_declared();
    comparison.all_of(Difference::ALL.iter().filter(|one| one.shown_by == cluster));
}

fn page() {
    let row = |difference: &Difference| {
        let (what, why) = (difference.what, difference.why);
        format!("| {} | {what} | {why} |", difference.other.as_str())
    };
    let wanted: Vec<String> = Difference::ALL.iter().map(row).collect();
    let modes = MODES.map(|mode| format!("| {} |", mode.as_str()));
    let listed: Vec<&str> = PAGE
        .lines()
        .filter(|line| modes.iter().any(|mode| line.starts_with(mode)))
        .collect();
    assert_eq!(listed, wanted);
    for closed in Closed::ALL {
        let row = closed.row();
        assert!(PAGE.lines().any(|line| line == row), "no row {row}");
    }
}
