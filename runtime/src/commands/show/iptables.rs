//! Tables chain by chain, the kernel's own first, each with the chains that lead into it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::english::count;
use portolan_compiler::kernel::iptables;
use portolan_compiler::kernel::iptables::{
    ChainName, Policy, SavedChain, SavedRule, SavedTable, Target,
};

use super::error::Problem;
use portolan_compiler::escape::visible;

const BOLD: Style = Style::new().bold();

pub(super) fn show(text: &str) -> Result<String, Problem> {
    let saved = iptables::read(text)?;
    let mut out = String::new();
    for found in &saved.tables {
        table(&mut out, found);
    }
    let chains = saved.tables.iter().map(|table| table.chains.len()).sum();
    let rules = saved
        .tables
        .iter()
        .flat_map(|table| &table.chains)
        .map(|chain| chain.rules.len())
        .sum();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{}, {}, {}",
        count(saved.tables.len(), "table"),
        count(chains, "chain"),
        count(rules, "rule")
    );
    Ok(out)
}

fn table(out: &mut String, table: &SavedTable) {
    let _ = writeln!(out, "{BOLD}table {}{BOLD:#}\n", visible(&table.name));
    let callers = callers(table);
    let (empty, full): (Vec<&SavedChain>, Vec<&SavedChain>) = table
        .chains
        .iter()
        .partition(|chain| chain.rules.is_empty());
    let (builtin, own): (Vec<&SavedChain>, Vec<&SavedChain>) =
        full.into_iter().partition(|chain| is_builtin(chain));
    for chain in builtin.into_iter().chain(own) {
        let _ = write!(out, "{BOLD}{}{BOLD:#}", visible(&chain.name));
        if let Some(policy) = chain.policy {
            let policy = match policy {
                Policy::Accept => "ACCEPT",
                Policy::Drop => "DROP",
            };
            let _ = write!(out, "  policy {policy}");
        }
        if let Some(callers) = callers.get(&*chain.name) {
            let callers: Vec<_> = callers.iter().map(|name| visible(name)).collect();
            let _ = write!(out, "  from {}", callers.join(", "));
        }
        out.push('\n');
        for (number, rule) in (1..).zip(&chain.rules) {
            let _ = writeln!(out, "{number:>4}  {}", visible(&rule.to_string()));
        }
        out.push('\n');
    }
    if !empty.is_empty() {
        let names: Vec<_> = empty.iter().map(|chain| visible(&chain.name)).collect();
        let _ = writeln!(out, "{BOLD}without rules{BOLD:#}  {}\n", names.join(", "));
    }
}

fn is_builtin(chain: &SavedChain) -> bool {
    ChainName::new(&chain.name).is_some_and(|name| name.is_builtin())
}

/// For each chain the chains with a rule that leads into it, each once, in order.
fn callers(table: &SavedTable) -> BTreeMap<&str, Vec<&str>> {
    let mut callers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for chain in &table.chains {
        for rule in &chain.rules {
            if let SavedRule::Known(rule) = rule
                && let Target::Chain(target) = &rule.target
            {
                let list = callers.entry(target.as_str()).or_default();
                if list.last() != Some(&&*chain.name) {
                    list.push(&chain.name);
                }
            }
        }
    }
    callers
}
