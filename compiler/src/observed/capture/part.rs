//! Captures that show a part of what there is: the rest would be taken for missing on the node.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CaptureError, CaptureFile, CaptureNote, content};
use crate::kernel::iptables::TableName;
use crate::model::IpFamily;
use crate::observed::{Dummy, Observed};

/// What a list of addresses shows.
#[derive(Debug, Default)]
struct Shown {
    /// Whether lo is among the links: no node is without it.
    loopback: bool,
    /// The families of its addresses.
    families: BTreeSet<IpFamily>,
    /// Whether links have their lines, which `ip` leaves out where it is asked for one family.
    link_lines: bool,
    /// Whether the form has such lines.
    form_has_link_lines: bool,
}

/// Refuses addresses of some links only, where kube-ipvs0 is not among them, and of one family only.
/// kube-ipvs0 alone is all that counts.
pub(super) fn of_addresses(text: &str, observed: &Observed) -> Result<(), CaptureError> {
    let shown = if text.trim_start().starts_with('[') {
        of_json(text)
    } else {
        of_text(text)
    };
    let problem = if observed.dummy == Dummy::Absent && !shown.loopback && !text.trim().is_empty() {
        "it shows some links only, as `ip addr show DEV` does: lo is not among them".to_owned()
    } else if shown.form_has_link_lines && !shown.link_lines && shown.families.len() < 2 {
        "it shows one family only, as `ip -4 addr` does: links have no line of their own".to_owned()
    } else if let Some(family) = IpFamily::ALL
        .into_iter()
        .find(|family| is_used(*family, observed) && !shown.families.contains(family))
    {
        let (name, one) = match family {
            IpFamily::V4 => ("IPv4", "ip -6 addr"),
            IpFamily::V6 => ("IPv6", "ip -4 addr"),
        };
        format!(
            "it shows one family only, as `{one}` does: ipvs.rules has virtual servers of {name}, and \
             no link has an address of it"
        )
    } else {
        return Ok(());
    };
    let file = CaptureFile::Addresses;
    Err(content(
        file,
        &format!("{problem}: run `{}`", file.made_by()),
    ))
}

fn is_used(family: IpFamily, observed: &Observed) -> bool {
    let servers = &observed.ipvs.servers;
    servers
        .iter()
        .any(|server| IpFamily::of(server.key.address) == family)
}

fn of_text(text: &str) -> Shown {
    let mut shown = Shown::default();
    for line in text.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            [first, ..] if first.starts_with("link/") => shown.link_lines = true,
            [index, name, ..] if index.ends_with(':') => {
                shown.loopback |= index == "1:" || name.trim_end_matches(':') == "lo";
                shown.form_has_link_lines |= name.ends_with(':');
            }
            ["lo", ..] => shown.loopback = true,
            _ => {}
        }
        for word in words {
            match word {
                "inet" => shown.families.extend([IpFamily::V4]),
                "inet6" => shown.families.extend([IpFamily::V6]),
                brief => shown.families.extend(family_of(brief)),
            }
        }
    }
    shown
}

/// Of an address with its length, as the brief form has it.
fn family_of(word: &str) -> Option<IpFamily> {
    crate::model::address::parse_net(word)
        .ok()
        .map(|net| IpFamily::of(net.addr()))
}

fn of_json(text: &str) -> Shown {
    let mut shown = Shown::default();
    let links: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    for link in &links {
        shown.loopback |= link["ifname"] == "lo" || link["ifindex"] == 1;
        for address in link["addr_info"].as_array().into_iter().flatten() {
            match address["family"].as_str() {
                Some("inet") => shown.families.extend([IpFamily::V4]),
                Some("inet6") => shown.families.extend([IpFamily::V6]),
                _ => {}
            }
        }
    }
    shown
}

/// The tables that a file of rules lacks though it shows chains of kube-proxy's, which has some in both.
pub(super) fn of_rules(file: CaptureFile, text: &str) -> Option<CaptureNote> {
    const OWN: [TableName; 2] = [TableName::Filter, TableName::Nat];
    let lines = || text.lines().map(str::trim_end);
    let has_chains = lines().any(|line| line.starts_with(":KUBE-"));
    let shown: BTreeSet<&str> = lines().filter_map(|line| line.strip_prefix('*')).collect();
    let lacks = |table: &TableName| !shown.contains(table.as_str());
    let table = OWN.into_iter().find(lacks)?;
    has_chains.then_some(CaptureNote::TableUnseen(file, table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_what_they_show() {
        let (v4, both) = (&[IpFamily::V4][..], &IpFamily::ALL[..]);
        for (text, loopback, families, one_family) in [
            (
                "1: lo: <LOOPBACK,UP> mtu 65536\n    link/loopback 00:00 brd 00:00\n    inet 127.0.0.1/8 scope host lo\n",
                true,
                v4,
                false,
            ),
            (
                "1: lo: <LOOPBACK,UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n",
                true,
                v4,
                true,
            ),
            (
                "2: eth0    inet 192.0.2.1/24 scope global eth0\n2: eth0    inet6 fd00::1/64 scope global\n",
                false,
                both,
                false,
            ),
            ("lo UNKNOWN 127.0.0.1/8 ::1/128\n", true, both, false),
        ] {
            let shown = of_text(text);
            assert_eq!(shown.loopback, loopback, "{text}");
            assert_eq!(Vec::from_iter(shown.families), families, "{text}");
            let found = shown.form_has_link_lines && !shown.link_lines;
            assert_eq!(found, one_family, "{text}");
        }
        let shown = of_json(r#"[{"ifindex":2,"ifname":"eth0","addr_info":[{"family":"inet"}]}]"#);
        assert!(!shown.loopback);
        assert_eq!(Vec::from_iter(shown.families), v4);
    }

    #[test]
    fn one_table_of_two_is_noted() {
        let file = CaptureFile::Iptables;
        let note = |table| Some(CaptureNote::TableUnseen(file, table));
        for (text, expected) in [
            (
                "*filter\n:KUBE-FORWARD - [0:0]\nCOMMIT\n",
                note(TableName::Nat),
            ),
            (
                "*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n",
                note(TableName::Filter),
            ),
            (
                "*mangle\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n",
                note(TableName::Filter),
            ),
            (
                "*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n*filter\nCOMMIT\n",
                None,
            ),
            ("*nat\n:DOCKER - [0:0]\nCOMMIT\n", None),
            ("", None),
        ] {
            assert_eq!(of_rules(file, text), expected, "{text}");
        }
    }
}
