//! Reads portolan's artefacts as the tools that take them would, without portolan's own readers, and
//! prints the result as the recordings are printed.

use std::collections::BTreeMap;

use portolan_compiler::bundle::{ArtefactKind, NodeArtefacts};

use super::case::Mode;
use super::expectation::{lines, sort_sets, sort_unordered};

/// The kernel's defaults, which a recording has where nothing is configured.
const DEFAULT_TIMEOUTS: &str = "900 120 300";

/// The artefacts in the form of the recordings, by their file names.
pub fn comparable(artefacts: &NodeArtefacts, mode: Mode) -> BTreeMap<String, String> {
    let text = |kind| {
        let file = artefacts.files.iter().find(|file| file.kind == kind)?;
        Some(String::from_utf8(file.bytes.clone()).unwrap())
    };
    let all = |kind| text(kind).unwrap();
    let mut files = BTreeMap::new();
    let mut add = |name: &str, text: String| files.insert(name.to_owned(), text);
    add("iptables.save", saved(&all(ArtefactKind::Iptables)));
    add("ip6tables.save", saved(&all(ArtefactKind::Ip6tables)));
    if mode == Mode::Iptables {
        return files;
    }
    add("sysctl", sorted(&all(ArtefactKind::Sysctl)));
    add(
        "kube-ipvs0.addresses",
        addresses(&all(ArtefactKind::Addresses)),
    );
    add("ipset.save", lines(sort_sets(&all(ArtefactKind::Ipset))));
    add("ipvs.rules", sorted(&all(ArtefactKind::IpvsRules)));
    add(
        "ipvs.timeouts",
        timeouts(text(ArtefactKind::IpvsTimeouts).as_deref()),
    );
    files
}

fn sorted(text: &str) -> String {
    let mut sorted: Vec<&str> = text.lines().collect();
    sorted.sort_unstable();
    lines(sorted)
}

/// The addresses that `ip -batch` would leave on kube-ipvs0.
fn addresses(batch: &str) -> String {
    let mut addresses = Vec::new();
    let mut created = false;
    for line in batch.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["link", "add", "kube-ipvs0", "type", "dummy"] => created = true,
            ["address", "add", address, "dev", "kube-ipvs0"] => addresses.push(address),
            _ => panic!("unexpected line {line:?}"),
        }
    }
    assert!(created, "kube-ipvs0 is not created");
    addresses.sort_unstable();
    lines(addresses)
}

fn timeouts(configured: Option<&str>) -> String {
    let configured = configured.unwrap_or("0 0 0\n").trim_end();
    let merged: Vec<&str> = configured
        .split(' ')
        .zip(DEFAULT_TIMEOUTS.split(' '))
        .map(|(value, default)| if value == "0" { default } else { value })
        .collect();
    format!("{}\n", merged.join(" "))
}

/// What `iptables-save` would print after `iptables-restore --noflush` of the script on an empty
/// node: tables and chains sorted, `-I` lines first in their chain, counters left out.
fn saved(script: &str) -> String {
    let mut tables: BTreeMap<&str, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut table = "";
    for line in script.lines() {
        match line.split_once(' ') {
            None if line == "COMMIT" => table = "",
            None => {
                table = line.strip_prefix('*').expect("a table");
                let builtin = match table {
                    "nat" => &["INPUT", "OUTPUT", "POSTROUTING", "PREROUTING"][..],
                    "mangle" => &["FORWARD", "INPUT", "OUTPUT", "POSTROUTING", "PREROUTING"],
                    _ => &["FORWARD", "INPUT", "OUTPUT"],
                };
                let chains = builtin
                    .iter()
                    .map(|chain| ((*chain).to_owned(), Vec::new()));
                tables.insert(table, chains.collect());
            }
            Some((word, rest)) => {
                let chains = tables.get_mut(table).expect("within a table");
                let (chain, rule) = rest.split_once(' ').expect("a chain and a rule");
                match word {
                    "-A" => chains.get_mut(chain).unwrap().push(rule.to_owned()),
                    "-I" => chains.get_mut(chain).unwrap().insert(0, rule.to_owned()),
                    _ => {
                        let name = word.strip_prefix(':').expect("a chain").to_owned();
                        assert_eq!(rest, "- [0:0]");
                        chains.insert(name, Vec::new());
                    }
                }
            }
        }
    }
    assert_eq!(table, "", "the last table is committed");
    let mut text = String::new();
    for (table, chains) in tables {
        text.extend(["*", table, "\n"]);
        for chain in chains.keys() {
            let policy = if chain.starts_with("KUBE-") {
                "-"
            } else {
                "ACCEPT"
            };
            text.extend([":", chain, " ", policy, "\n"]);
        }
        // iptables-save prints the kernel's own chains first, in the order of their hooks.
        let hooks = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];
        let builtin = hooks
            .into_iter()
            .filter_map(|chain| chains.get_key_value(chain));
        let own = chains
            .iter()
            .filter(|(chain, _)| chain.starts_with("KUBE-"));
        for (chain, rules) in builtin.chain(own) {
            for rule in rules {
                text.extend(["-A ", chain, " ", rule, "\n"]);
            }
        }
        text.push_str("COMMIT\n");
    }
    lines(sort_unordered(text.lines().collect()))
}
