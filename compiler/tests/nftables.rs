//! Mode nftables, on the conformance cases: what is written is read back, in both forms, and rules do
//! not grow with the cluster.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use portolan_compiler::bundle::{ArtefactKind, NodeArtefacts};
use portolan_compiler::kernel::nftables;
use portolan_compiler::kernel::nftables::{
    ChainName, Match, Observed, SetName, Statement, Table, Value, Verdict,
};
use portolan_compiler::kernel::text::{KeepOrigins, LINE_LIMIT, Text};
use portolan_support::conformance::case::{Case, Mode};

fn artefact(artefacts: &NodeArtefacts, kind: ArtefactKind) -> String {
    let file = artefacts
        .files
        .iter()
        .find(|file| file.kind == kind)
        .unwrap();
    String::from_utf8(file.bytes.clone()).unwrap()
}

fn observed(text: &str) -> [Table; 2] {
    let Observed { tables, .. } = nftables::read(text).unwrap();
    tables.map(|table| {
        let table = table.unwrap();
        assert_eq!(table.foreign, Vec::new());
        assert!(table.affinity.is_empty());
        table.table
    })
}

fn written(tables: &[Table]) -> String {
    let mut text = Text::new(KeepOrigins::No);
    nftables::write(tables, &mut text);
    text.finish().0
}

#[test]
fn text_is_read_back() {
    for case in Case::all() {
        let text = artefact(&case.compile(Mode::Nftables), ArtefactKind::Nftables);
        let tables = observed(&text);
        assert_eq!(written(&tables), text, "{}", case.name);
    }
}

/// Every name that is used is there, and every pool is as large as its chain takes it for.
#[test]
fn nothing_leads_nowhere() {
    for case in Case::all() {
        let text = artefact(&case.compile(Mode::Nftables), ArtefactKind::Nftables);
        for table in observed(&text) {
            let led_to: BTreeSet<ChainName> = targets(&table).collect();
            for chain in &led_to {
                assert!(table.chains.contains_key(chain), "{}: {chain}", case.name);
            }
            let of_services = |chain: &&ChainName| {
                matches!(
                    chain,
                    ChainName::Balance(_) | ChainName::Recall(_) | ChainName::Remember(..)
                )
            };
            for chain in table.chains.keys().filter(of_services) {
                assert!(
                    led_to.contains(chain),
                    "{}: nothing leads to {chain}",
                    case.name
                );
            }
            let asked: BTreeSet<SetName> = asked(&table).collect();
            for set in asked.iter().chain(&SetName::FIXED) {
                assert!(table.sets.contains_key(set), "{}: {set}", case.name);
            }
            let of_memories =
                |set: &&SetName| matches!(set, SetName::Members(_) | SetName::Affinity(_));
            for set in table.sets.keys().filter(of_memories) {
                assert!(asked.contains(set), "{}: nobody asks {set}", case.name);
            }
        }
    }
}

/// Sets and maps that rules name.
fn asked(table: &Table) -> impl Iterator<Item = SetName> {
    table.chains.values().flatten().flat_map(|rule| {
        let matches = rule.matches.iter().filter_map(|one| match one {
            Match::InSet(_, _, set) => Some(*set),
            _ => None,
        });
        let statement = match rule.statement {
            Statement::VerdictMap(_, map) | Statement::Dnat(_, map) => Some(map),
            Statement::Remember(memory, _) => Some(SetName::Affinity(memory)),
            _ => None,
        };
        matches.chain(statement)
    })
}

fn targets(table: &Table) -> impl Iterator<Item = ChainName> {
    let elements = table.sets.values().flat_map(|set| set.values());
    let by_elements = elements.filter_map(|element| match element.value? {
        Value::Verdict(verdict) => Some(verdict),
        Value::Endpoint(_) => None,
    });
    let rules = table.chains.values().flatten();
    let by_rules = rules.filter_map(|rule| match rule.statement {
        Statement::Verdict(verdict) => Some(verdict),
        _ => None,
    });
    by_elements
        .chain(by_rules)
        .filter_map(|verdict| match verdict {
            Verdict::Jump(chain) | Verdict::Goto(chain) => Some(chain),
            Verdict::Accept | Verdict::Drop | Verdict::Return => None,
        })
}

#[test]
fn json_is_json_line_by_line() {
    for case in Case::all() {
        let text = artefact(&case.compile(Mode::Nftables), ArtefactKind::NftablesJson);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let commands = document["nftables"].as_array().unwrap();
        // A line for each command, and two for what is around them.
        assert_eq!(commands.len() + 2, text.lines().count(), "{}", case.name);
        assert!(text.lines().all(|line| line.len() < LINE_LIMIT));
    }
}
