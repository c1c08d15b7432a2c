//! What kube-proxy's other modes leave behind. What it leaves of modes ipvs and iptables, portolan takes
//! over in the same mode.
//!
//! Chains are told by their exact form: kubelet and CNI plugins have `KUBE-` chains too.

use portolan_compiler::back::iptables::{SavedRule, SavedTable, Target};
use portolan_compiler::front::facts::IptablesVariant;
use portolan_compiler::model::{IpFamily, Mode};

use crate::doctor::{Finding, FindingId, FoundRules, Readings};

/// Chains of iptables mode that carry a hash of 16 characters of base 32
/// (`pkg/proxy/iptables/proxier.go`); `XLB` up to 1.24.
const IPTABLES_MODE: [&str; 6] = [
    "KUBE-SVC-",
    "KUBE-SVL-",
    "KUBE-SEP-",
    "KUBE-EXT-",
    "KUBE-FW-",
    "KUBE-XLB-",
];

/// Chains of userspace mode (`pkg/proxy/userspace/proxier.go` up to 1.25).
const USERSPACE_MODE: [&str; 5] = [
    "KUBE-PORTALS-CONTAINER",
    "KUBE-PORTALS-HOST",
    "KUBE-NODEPORT-CONTAINER",
    "KUBE-NODEPORT-HOST",
    "KUBE-NODEPORT-NON-LOCAL",
];

/// The table of nftables mode, in the families `ip` and `ip6` (`pkg/proxy/nftables`).
const NFTABLES_MODE: &str = "kube-proxy";

pub(super) fn check(readings: &Readings, mode: Mode) -> Vec<Finding> {
    let mut found = Vec::new();
    if mode != Mode::Iptables {
        found.extend(readings.rules.iter().filter_map(iptables_mode));
    }
    found.extend(nftables_mode(readings));
    found.extend(readings.rules.iter().filter_map(userspace_mode));
    found
}

fn iptables_mode(found: &FoundRules) -> Option<Finding> {
    let chains = found.rules.tables.iter().flat_map(|table| &table.chains);
    let count = chains.filter(|chain| of_iptables_mode(&chain.name)).count();
    let program = program(found);
    (count > 0).then(|| {
        Finding::new(
            FindingId::IptablesMode,
            format!("{program} has {count} chains of kube-proxy's iptables mode"),
            [
                "if kube-proxy in iptables mode serves this node, plan its take-over with care: \
                 both answer for the same addresses",
                "with kube-proxy stopped, remove them: kube-proxy --cleanup, of the release that \
                 made them",
            ],
        )
    })
}

fn of_iptables_mode(name: &str) -> bool {
    let hash = IPTABLES_MODE
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix));
    hash.is_some_and(|hash| {
        let base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
        hash.len() == 16 && hash.bytes().all(base32)
    })
}

fn nftables_mode(readings: &Readings) -> Option<Finding> {
    let tables: Vec<String> = readings
        .nft_tables
        .iter()
        .filter(|table| table.name == NFTABLES_MODE && ["ip", "ip6"].contains(&&*table.family))
        .map(ToString::to_string)
        .collect();
    (!tables.is_empty()).then(|| {
        let delete = tables
            .iter()
            .map(|table| format!("with kube-proxy stopped: nft delete table {table}"));
        Finding::new(
            FindingId::NftablesMode,
            format!(
                "nftables has kube-proxy's own tables: {}",
                tables.join(", ")
            ),
            delete,
        )
    })
}

/// No release that still runs can clean up after this mode, so every command is spelled out.
fn userspace_mode(found: &FoundRules) -> Option<Finding> {
    let program = program(found);
    let mut names = Vec::new();
    let mut advice = Vec::new();
    for table in &found.rules.tables {
        let chains: Vec<&str> = USERSPACE_MODE
            .into_iter()
            .filter(|name| table.chains.iter().any(|chain| &*chain.name == *name))
            .collect();
        let command = format!("{program} -w -t {}", table.name);
        advice.extend(
            jumps(table, &chains).map(|(from, rule)| format!("{command} -D {from} {rule}")),
        );
        advice.extend(chains.iter().map(|name| format!("{command} -F {name}")));
        advice.extend(chains.iter().map(|name| format!("{command} -X {name}")));
        names.extend(chains);
    }
    (!names.is_empty()).then(|| {
        Finding::new(
            FindingId::UserspaceMode,
            format!(
                "{program} has chains of kube-proxy's userspace mode: {}",
                names.join(", ")
            ),
            advice,
        )
    })
}

/// Rules that lead into these chains, with the chain they stand in.
fn jumps<'a>(
    table: &'a SavedTable,
    chains: &'a [&str],
) -> impl Iterator<Item = (&'a str, &'a SavedRule)> {
    let leads = |rule: &SavedRule| match rule {
        SavedRule::Known(rule) => {
            matches!(&rule.target, Target::Chain(name) if chains.contains(&name.as_str()))
        }
        SavedRule::Foreign(text) => {
            let mut words = text.split_ascii_whitespace();
            words.any(|word| ["-j", "-g"].contains(&word))
                && words.next().is_some_and(|name| chains.contains(&name))
        }
    };
    table.chains.iter().flat_map(move |chain| {
        let rules = chain.rules.iter().filter(move |rule| leads(rule));
        rules.map(|rule| (&*chain.name, rule))
    })
}

/// The program that shows and changes these rules.
fn program(found: &FoundRules) -> &'static str {
    match (found.family, found.variant) {
        (IpFamily::V4, None) => "iptables",
        (IpFamily::V4, Some(IptablesVariant::Nft)) => "iptables-nft",
        (IpFamily::V4, Some(IptablesVariant::Legacy)) => "iptables-legacy",
        (IpFamily::V6, None) => "ip6tables",
        (IpFamily::V6, Some(IptablesVariant::Nft)) => "ip6tables-nft",
        (IpFamily::V6, Some(IptablesVariant::Legacy)) => "ip6tables-legacy",
    }
}
