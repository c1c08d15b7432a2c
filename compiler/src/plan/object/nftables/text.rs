//! Tables for people.

use std::collections::BTreeMap;

use super::{NftablesChange, TableChange};
use crate::english::count;
use crate::kernel::nftables::{Elements, KubeProxyTable, TABLE};
use crate::model::IpFamily;
use crate::plan::render::Line;

pub(super) fn line(change: &NftablesChange) -> (&'static str, String) {
    match change {
        NftablesChange::Table(family, change) => ("table", table(*family, change)),
        NftablesChange::KubeProxyTable(family, delta) => {
            let table = delta.after().or(delta.before());
            let chains = count(table.map_or(0, KubeProxyTable::chains), "chain");
            let name = KubeProxyTable::name(*family);
            let text = format!("nftables table {name}, kube-proxy's own, {chains}");
            ("table", text)
        }
        NftablesChange::Affinity(memory, _) => {
            let key = memory.port.0.0;
            ("client", format!("clients of {key} forget endpoints"))
        }
    }
}

fn table(family: IpFamily, change: &TableChange) -> String {
    let name = format!("nftables table {TABLE} of {family}");
    match change {
        TableChange::Whole(delta) => {
            let table = delta.after().or(delta.before());
            let elements = table.map_or(0, |table| table.sets.values().map(BTreeMap::len).sum());
            format!("{name}, {}", count(elements, "element"))
        }
        TableChange::Part { .. } => name,
    }
}

/// The elements that come and go.
pub(super) fn details(change: &NftablesChange) -> Vec<Line> {
    let mut lines = Vec::new();
    if let NftablesChange::Table(_, TableChange::Part { from, to }) = change {
        parts('+', to, from, &mut lines);
        parts('-', from, to, &mut lines);
    }
    lines
}

/// Elements that only the first part has.
fn parts(sign: char, part: &Elements, other: &Elements, lines: &mut Vec<Line>) {
    let (part, _) = part.apart(other);
    for (name, elements) in part.sets() {
        for (key, element) in elements {
            lines.push(Line {
                sign,
                noun: "element",
                text: format!("  {name} {}", element.with_key(key)),
            });
        }
    }
}
