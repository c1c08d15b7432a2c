//! Rules in files that cannot hold them, and rules that no file shows.

use std::collections::{BTreeMap, BTreeSet};

use super::{CaptureError, CaptureFile, CaptureNote, content};
use crate::front::facts::IptablesVariant;
use crate::kernel::ipset::SetHeader;
use crate::kernel::iptables::TableName;
use crate::mode::kube_proxy;
use crate::model::IpFamily;
use crate::model::address::parse_net;
use crate::observed::Observed;

/// Refuses rules of one family in the file of the other, and chains that rules lead to and no line
/// makes: no kernel holds such.
pub(super) fn of_rules(observed: &Observed) -> Result<(), CaptureError> {
    let sets = observed.ipset.sets.iter();
    let families: BTreeMap<&str, IpFamily> = sets
        .filter_map(|set| match set.header {
            SetHeader::Hash { family, .. } => Some((set.name.as_str(), family)),
            SetHeader::Bitmap { .. } => None,
        })
        .collect();
    let set_family = |name: &str| families.get(name).copied();
    for (family, file, theirs) in [
        (IpFamily::V4, CaptureFile::Iptables, "ip6tables-save"),
        (IpFamily::V6, CaptureFile::Ip6tables, "iptables-save"),
    ] {
        for table in &observed.rules(family).tables {
            let chains: BTreeSet<&str> = table.chains.iter().map(|chain| &*chain.name).collect();
            for rule in table.chains.iter().flat_map(|chain| &chain.rules) {
                let text = rule.to_string();
                let words: Vec<&str> = text.split_ascii_whitespace().collect();
                let named = |one: &'static str, other: &'static str| {
                    let pairs = words.windows(2);
                    let pairs = pairs.filter(move |pair| pair[0] == one || pair[0] == other);
                    pairs.map(|pair| pair[1])
                };
                let is_other =
                    |net: &&str| parse_net(net).is_ok_and(|net| IpFamily::of_net(net) != family);
                let net = named("-s", "-d").find(is_other).map(str::to_owned);
                let sets = rule.sets().into_iter();
                let set = sets
                    .filter(|name| set_family(name).is_some_and(|of| of != family))
                    .map(|name| format!("set {name}"))
                    .next();
                if let Some(what) = net.or(set) {
                    let problem = format!(
                        "table {} has a rule about {what}: this is what `{theirs}` prints",
                        table.name
                    );
                    return Err(content(file, &problem));
                }
                let mut targets = named("-j", "-g");
                let lost = |name: &&str| kube_proxy::has_prefix(name) && !chains.contains(name);
                if let Some(name) = targets.find(lost) {
                    let problem = format!(
                        "a rule of table {} leads to chain {name}, which no line makes: lines are missing",
                        table.name
                    );
                    return Err(content(file, &problem));
                }
            }
        }
    }
    Ok(())
}

/// Chains of kube-proxy's that iptables made by way of `nf_tables`, and that no file of rules shows: the
/// programs that made those spoke to the legacy variant.
pub(super) fn of_tables(ruleset: &str, observed: &Observed) -> Vec<CaptureNote> {
    let mut notes = Vec::new();
    for (family, word) in [(IpFamily::V4, "ip"), (IpFamily::V6, "ip6")] {
        for table in [TableName::Nat, TableName::Filter] {
            let shown = has_chains(ruleset, &format!("table {word} {} {{", table.as_str()));
            let own = observed.rules(family);
            let other = observed.other_iptables.as_ref();
            let nft = other.filter(|other| other.variant == IptablesVariant::Nft);
            let saved = [Some(own), nft.map(|other| other.rules(family))];
            let mut saved = saved.into_iter().flatten();
            let known = saved.any(|saved| {
                let table = saved.table(table);
                table.is_some_and(|table| table.chains.iter().any(|one| is_kubes(&one.name)))
            });
            if shown && !known {
                notes.push(CaptureNote::NftUnseen(family));
                break;
            }
        }
    }
    notes
}

fn is_kubes(chain: &str) -> bool {
    kube_proxy::has_prefix(chain) && !chain.starts_with("KUBE-KUBELET-")
}

/// Whether a table of a ruleset, by its first line, has chains of kube-proxy's.
fn has_chains(ruleset: &str, table: &str) -> bool {
    let mut lines = ruleset.lines().skip_while(|line| line.trim_end() != table);
    lines.next();
    let mut within = lines.take_while(|line| !line.starts_with('}'));
    within.any(|line| {
        let chain = line.trim_start().strip_prefix("chain ");
        chain.is_some_and(|chain| is_kubes(chain.trim_matches(['"', ' ', '{'])))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{notes, read};
    use super::*;

    fn capture(changed: &[(CaptureFile, &str)]) -> BTreeMap<CaptureFile, String> {
        let sets = "create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536\n";
        let mut files = BTreeMap::from([
            (CaptureFile::Sets, sets.to_owned()),
            (CaptureFile::VirtualServers, String::new()),
            (
                CaptureFile::Addresses,
                "1: lo    inet 127.0.0.1/8\n".to_owned(),
            ),
            (CaptureFile::Iptables, String::new()),
            (CaptureFile::Ip6tables, String::new()),
        ]);
        files.extend(
            changed
                .iter()
                .map(|(file, text)| (*file, (*text).to_owned())),
        );
        files
    }

    fn said(changed: &[(CaptureFile, &str)]) -> Vec<String> {
        let files = capture(changed);
        let observed = read(&files).unwrap();
        let notes = notes(&files, &observed);
        notes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rules_of_the_other_family_and_chains_that_nobody_makes_are_refused() {
        let table = |rule: &str| format!("*nat\n:KUBE-SERVICES - [0:0]\n{rule}\nCOMMIT\n");
        for (file, rule, expected) in [
            (
                CaptureFile::Ip6tables,
                "-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT",
                "ip6tables.save, table nat has a rule about set KUBE-CLUSTER-IP: this is what \
                 `iptables-save` prints",
            ),
            (
                CaptureFile::Ip6tables,
                "-A KUBE-SERVICES -d 10.96.0.5/32 -j ACCEPT",
                "ip6tables.save, table nat has a rule about 10.96.0.5/32",
            ),
            (
                CaptureFile::Iptables,
                "-A KUBE-SERVICES -d fd00::5/128 -j ACCEPT",
                "iptables.save, table nat has a rule about fd00::5/128: this is what `ip6tables-save`",
            ),
            (
                CaptureFile::Iptables,
                "-A KUBE-SERVICES -d 10.96.0.5/32 -j KUBE-SVC-ERIFXISQEP7F7OF4",
                "iptables.save, a rule of table nat leads to chain KUBE-SVC-ERIFXISQEP7F7OF4, which no \
                 line makes",
            ),
        ] {
            let refused = read(&capture(&[(file, &table(rule))]))
                .unwrap_err()
                .to_string();
            assert!(refused.starts_with(expected), "{refused}");
        }
    }

    #[test]
    fn rules_that_only_nft_shows_are_noticed() {
        let ruleset = "table ip nat {\n\tchain KUBE-SERVICES {\n\t}\n}\n";
        let files = [(CaptureFile::Tables, ruleset)];
        let seen = said(&files);
        assert!(
            seen[0].contains("iptables-nft-save > iptables-nft.save"),
            "{seen:#?}"
        );
        let rules = "*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n*filter\nCOMMIT\n";
        for file in [
            CaptureFile::Iptables,
            CaptureFile::other_rules(IptablesVariant::Nft, IpFamily::V4),
        ] {
            assert_eq!(said(&[files[0], (file, rules)]), [""; 0], "{file:?}");
        }
        let kubelets = "table ip nat {\n\tchain KUBE-KUBELET-CANARY {\n\t}\n}\n";
        assert_eq!(said(&[(CaptureFile::Tables, kubelets)]), [""; 0]);
    }
}
