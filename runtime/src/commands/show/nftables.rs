//! Tables: their sets and maps with the elements, and their chains; empty sets in one line, as there
//! are many.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::english::count;
use portolan_compiler::kernel::nftables;
use portolan_compiler::kernel::nftables::{Foreign, KubeProxyTable, ObservedTable, TABLE};

use super::error::Problem;
use portolan_compiler::escape::visible;

const BOLD: Style = Style::new().bold();

pub(super) fn show(text: &str) -> Result<String, Problem> {
    let observed = nftables::read(text)?;
    let mut out = String::new();
    let found: Vec<&ObservedTable> = observed.tables.iter().flatten().collect();
    for one in &found {
        table(one, &mut out);
    }
    let kube_proxys: Vec<&KubeProxyTable> = observed.kube_proxy.iter().flatten().collect();
    for table in &kube_proxys {
        let name = KubeProxyTable::name(table.family());
        let _ = writeln!(
            out,
            "{BOLD}{name}{BOLD:#}  kube-proxy's own, {}, which are not read\n",
            count(table.chains(), "chain")
        );
    }
    let elements = found
        .iter()
        .flat_map(|one| one.table.sets.values())
        .map(BTreeMap::len)
        .sum();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{} with {}{}",
        count(found.len(), "table"),
        count(elements, "element"),
        match kube_proxys.len() {
            0 => String::new(),
            others => format!(", {} of kube-proxy", count(others, "table")),
        }
    );
    Ok(out)
}

fn table(one: &ObservedTable, out: &mut String) {
    let ObservedTable {
        table,
        affinity,
        foreign,
    } = one;
    let (empty, full): (Vec<_>, Vec<_>) = table.sets.iter().partition(|(_, set)| set.is_empty());
    for (name, set) in full {
        let _ = writeln!(
            out,
            "{BOLD}{} {name}{BOLD:#}  {}",
            table.family,
            count(set.len(), "element")
        );
        for (key, element) in set {
            let _ = writeln!(out, "  {}", element.with_key(key));
        }
        out.push('\n');
    }
    if !empty.is_empty() {
        let names: Vec<String> = empty.iter().map(|(name, _)| name.to_string()).collect();
        let _ = writeln!(
            out,
            "{BOLD}{} empty{BOLD:#}  {}\n",
            table.family,
            names.join(", ")
        );
    }
    for (name, rules) in &table.chains {
        let _ = writeln!(out, "{BOLD}{} chain {name}{BOLD:#}", table.family);
        for rule in rules {
            let _ = writeln!(out, "  {}", rule.in_family(table.family));
        }
        out.push('\n');
    }
    if !affinity.is_empty() {
        let _ = writeln!(out, "{} remembered\n", count(affinity.len(), "client"));
    }
    if !foreign.is_empty() {
        let _ = writeln!(out, "{BOLD}In table {TABLE}, but not portolan's{BOLD:#}");
        for Foreign { line, text } in foreign {
            let _ = writeln!(out, "  line {line}: {}", visible(text));
        }
        out.push('\n');
    }
}
