//! Records what a node's kernel holds, in the form of `fixtures/conformance/*/expected`.

use std::collections::BTreeMap;

use super::{Tool, Variant};
use portolan_support::conformance::expectation;

/// What a kernel holds, by the names of the expectation's files.
pub(crate) type Recording = BTreeMap<String, String>;

/// Records; of the settings those that `settings` has in this form.
pub(crate) fn record(settings: &str, variant: Variant) -> Recording {
    BTreeMap::from([
        ("sysctl".to_owned(), sysctl(settings)),
        ("kube-ipvs0.addresses".to_owned(), addresses()),
        ("ipset.save".to_owned(), ipset()),
        ("iptables.save".to_owned(), iptables("iptables", variant)),
        ("ip6tables.save".to_owned(), iptables("ip6tables", variant)),
        ("ipvs.rules".to_owned(), virtual_servers()),
        ("ipvs.timeouts".to_owned(), timeouts()),
    ])
}

fn sysctl(settings: &str) -> String {
    let names: Vec<&str> = settings
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let printed = Tool::new(&format!("sysctl {}", names.join(" "))).output();
    sorted(printed.lines().map(|line| line.replacen(" = ", "=", 1)))
}

fn addresses() -> String {
    // Of all interfaces: this one may not be there.
    let listing = Tool::new("ip -o address").output();
    let addresses = listing.lines().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        (words.next() == Some("kube-ipvs0")).then_some(())?;
        Some(words.nth(1).expect("an address").to_owned())
    });
    sorted(addresses)
}

/// Without what the kernel draws by lot or derives from the machine.
fn ipset() -> String {
    let saved = Tool::new("ipset save").output();
    saved
        .lines()
        .map(|line| without(line, &["initval", "bucketsize"]) + "\n")
        .collect()
}

/// The line without these words and their values.
fn without(line: &str, names: &[&str]) -> String {
    let mut words = line.split(' ');
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        if names.contains(&word) {
            words.next();
        } else {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// Tables and chains sorted, without comments and counters.
pub(crate) fn iptables(tables: &str, variant: Variant) -> String {
    let saved = Tool::new(&variant.program(tables, "save")).output();
    let lines: Vec<&str> = saved
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| match line.strip_prefix(':') {
            Some(_) => line
                .rsplit_once(' ')
                .map_or(line, |(chain, _counters)| chain),
            None => line,
        })
        .collect();
    let mut by_table: Vec<Vec<&str>> = lines
        .split_inclusive(|line| *line == "COMMIT")
        .map(<[_]>::to_vec)
        .collect();
    by_table.sort_unstable_by_key(|table| table[0]);
    for table in &mut by_table {
        for chains in table.chunk_by_mut(|a, b| a.starts_with(':') && b.starts_with(':')) {
            chains.sort_unstable();
        }
    }
    by_table
        .concat()
        .into_iter()
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// The virtual servers with their destinations, once two listings agree: the kernel numbers those of
/// all namespaces, and what other cases do meanwhile repeats or hides some.
pub(crate) fn virtual_servers() -> String {
    let list = || {
        let printed = Tool::new("ipvsadm -S -n").output();
        sorted(printed.lines().map(str::to_owned))
    };
    let mut last = list();
    for _ in 0..20 {
        let next = list();
        if next == last {
            return next;
        }
        last = next;
    }
    panic!("the virtual servers never settle:\n{last}");
}

fn timeouts() -> String {
    let printed = Tool::new("ipvsadm -L --timeout").output();
    let (_, values) = printed.split_once(": ").expect("values after a colon");
    values.to_owned()
}

fn sorted(lines: impl Iterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.collect();
    lines.sort_unstable();
    lines.into_iter().map(|line| line + "\n").collect()
}

/// What differs from something that has a name, as unified diffs.
pub(crate) fn differences((name, wanted): (&str, &Recording), found: &Recording) -> String {
    assert!(wanted.keys().eq(found.keys()), "the same files");
    let mut report = String::new();
    for (file, wanted) in wanted {
        let (wanted, found) = (comparable(file, wanted), comparable(file, &found[file]));
        let diff = similar::TextDiff::from_lines(&wanted, &found);
        if diff.ratio() < 1.0 {
            let (name, kernels) = (format!("{name} {file}"), format!("kernel's {file}"));
            let mut diff = diff.unified_diff();
            report.push_str(&diff.context_radius(2).header(&name, &kernels).to_string());
        }
    }
    report
}

/// The form in which a recording and an expectation compare, sets without their hash sizes, which
/// grow with their entries.
fn comparable(file: &str, text: &str) -> String {
    let text = match file {
        "ipset.save" => text
            .lines()
            .map(|line| without(line, &["hashsize"]) + "\n")
            .collect(),
        _ => text.to_owned(),
    };
    expectation::comparable(file, &text)
}
