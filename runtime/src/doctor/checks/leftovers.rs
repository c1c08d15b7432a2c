//! What kube-proxy's other modes leave behind, and an earlier apply of another mode. What is left of
//! modes ipvs and iptables, portolan takes over in the same mode.
//!
//! Chains are told by their exact form: kubelet and CNI plugins have `KUBE-` chains too.

use portolan_compiler::front::facts::IptablesVariant;
use portolan_compiler::kernel::iptables::{SavedRule, SavedTable, Target};
use portolan_compiler::kernel::nftables::KUBE_PROXY_TABLE;
use portolan_compiler::mode::iptables::{is_hash, is_hashed};
use portolan_compiler::model::{IpFamily, Mode};
use portolan_compiler::observed::Dummy;

use crate::doctor::{Finding, FindingId, FoundIpvs, FoundRules, Readings};

/// What names of iptables mode up to 1.24 begin with beside those of today; a hash follows
/// (`pkg/proxy/iptables/proxier.go`).
const FORMER: &str = "KUBE-XLB-";

/// Chains of userspace mode (`pkg/proxy/userspace/proxier.go` up to 1.25).
const USERSPACE_MODE: [&str; 5] = [
    "KUBE-PORTALS-CONTAINER",
    "KUBE-PORTALS-HOST",
    "KUBE-NODEPORT-CONTAINER",
    "KUBE-NODEPORT-HOST",
    "KUBE-NODEPORT-NON-LOCAL",
];

pub(super) fn check(readings: &Readings, mode: Mode) -> Vec<Finding> {
    let mut found = Vec::new();
    if mode != Mode::Ipvs {
        found.extend(ipvs_mode(readings));
    }
    if mode != Mode::Iptables {
        let mode = |found: &FoundRules| iptables_mode(found, Reach::of(found, readings));
        found.extend(readings.rules.iter().filter_map(mode));
    }
    found.extend(nftables_mode(readings));
    found.extend(readings.rules.iter().filter_map(userspace_mode));
    found
}

/// How what was left goes, whoever left it: kube-proxy, or an earlier apply of another mode.
const TAKE_OVER: &str = "with kube-proxy stopped, apply with --takeover: the new mode serves first, then it \
                         goes; `portolan plan` with --takeover shows the steps";

fn ipvs_mode(readings: &Readings) -> Option<Finding> {
    let FoundIpvs {
        dummy,
        virtual_servers,
        sets,
    } = &readings.ipvs;
    let mut seen = Vec::new();
    if let Dummy::Present(addresses) = dummy {
        seen.push(format!("kube-ipvs0 with {} addresses", addresses.len()));
    }
    for (number, noun) in [(virtual_servers, "virtual servers"), (sets, "ipsets")] {
        if *number > 0 {
            seen.push(format!("{number} {noun}"));
        }
    }
    (!seen.is_empty()).then(|| {
        Finding::new(
            FindingId::IpvsMode,
            format!("mode ipvs has left something: {}", seen.join(", ")),
            [TAKE_OVER],
        )
    })
}

/// Whether plans reach rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The node's own programs show and change them.
    OwnPrograms,
    /// They are in the variant that these do not speak to.
    OtherVariant,
}

impl Reach {
    fn of(found: &FoundRules, readings: &Readings) -> Self {
        if found.variant == readings.tools.variant() {
            Self::OwnPrograms
        } else {
            Self::OtherVariant
        }
    }
}

fn iptables_mode(found: &FoundRules, reach: Reach) -> Option<Finding> {
    let chains = found.rules.tables.iter().flat_map(|table| &table.chains);
    let count = chains.filter(|chain| of_iptables_mode(&chain.name)).count();
    let program = program(found);
    let advice = match reach {
        Reach::OwnPrograms => TAKE_OVER,
        Reach::OtherVariant => {
            "the node's own programs do not show them, so no plan reaches them; with kube-proxy stopped, \
         remove them: kube-proxy --cleanup, of the release and in the image that made them"
        }
    };
    (count > 0).then(|| {
        Finding::new(
            FindingId::IptablesMode,
            format!("{program} has {count} chains of kube-proxy's iptables mode"),
            [
                "if kube-proxy in iptables mode serves this node, plan its take-over with care: \
                 both answer for the same addresses",
                advice,
            ],
        )
    })
}

fn of_iptables_mode(name: &str) -> bool {
    is_hashed(name) || name.strip_prefix(FORMER).is_some_and(is_hash)
}

fn nftables_mode(readings: &Readings) -> Option<Finding> {
    let tables: Vec<String> = readings
        .nft_tables
        .iter()
        .filter(|table| table.name == KUBE_PROXY_TABLE && ["ip", "ip6"].contains(&&*table.family))
        .map(ToString::to_string)
        .collect();
    (!tables.is_empty()).then(|| {
        Finding::new(
            FindingId::NftablesMode,
            format!(
                "nftables has kube-proxy's own tables: {}",
                tables.join(", ")
            ),
            [TAKE_OVER],
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
