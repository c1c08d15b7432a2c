//! Which command printed a text, where it can be told: people keep what they have.

use std::collections::BTreeSet;

use super::CaptureFile;
use super::addresses::STATES;
use crate::model::IpFamily;

/// A command whose output is known by its first lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// `ipvsadm -Sn`: what captures hold.
    SavedServers,
    /// `ipvsadm -Ln`: the list for people.
    ListedServers,
    /// `ipvsadm -Lcn`: connections, not virtual servers.
    Connections,
    /// `ipvsadm -L --timeout`.
    Timeouts,
    /// `ip addr`, in any of its forms.
    Addresses,
    /// `ip link`: interfaces without their addresses.
    Links,
    /// `ifconfig`, the older program.
    Ifconfig,
    /// `ipset save`: what captures hold.
    SavedSets,
    /// `ipset list`: the list for people.
    ListedSets,
    /// `ipset list -o xml`.
    SetsAsXml,
    /// `iptables-save` or `ip6tables-save`; which of them, where it says so.
    SavedRules(Option<IpFamily>),
    /// `iptables -S`: one table alone.
    OneTable,
    /// `iptables -L`: the list for people.
    ListedRules,
    /// `iptables-xml`: rules in XML.
    RulesAsXml,
    /// `nft list ruleset`.
    Tables,
    /// `nft -j list ruleset`.
    TablesAsJson,
    /// `nft list tables`.
    TableNames,
    /// `sysctl -a`, or a part of it.
    Settings,
}

impl Printed {
    /// What captures hold, in the form that is asked for.
    pub(super) const ALL_READ: [Self; 8] = [
        Self::SavedServers,
        Self::Timeouts,
        Self::Addresses,
        Self::SavedSets,
        Self::SavedRules(Some(IpFamily::V4)),
        Self::SavedRules(Some(IpFamily::V6)),
        Self::Tables,
        Self::Settings,
    ];

    /// The command as it is typed.
    pub fn command(self) -> &'static str {
        match self {
            Self::SavedServers => "ipvsadm -Sn",
            Self::ListedServers => "ipvsadm -Ln",
            Self::Connections => "ipvsadm -Lcn",
            Self::Timeouts => "ipvsadm -L --timeout",
            Self::Addresses => "ip addr",
            Self::Links => "ip link",
            Self::Ifconfig => "ifconfig",
            Self::SavedSets => "ipset save",
            Self::ListedSets => "ipset list",
            Self::SetsAsXml => "ipset list -o xml",
            Self::SavedRules(None | Some(IpFamily::V4)) => "iptables-save",
            Self::SavedRules(Some(IpFamily::V6)) => "ip6tables-save",
            Self::OneTable => "iptables -S",
            Self::ListedRules => "iptables -L",
            Self::RulesAsXml => "iptables-xml",
            Self::Tables => "nft list ruleset",
            Self::TablesAsJson => "nft -j list ruleset",
            Self::TableNames => "nft list tables",
            Self::Settings => "sysctl -a",
        }
    }

    /// What is wrong with it in a file that is meant for something else.
    pub fn fault(self) -> &'static str {
        match self {
            Self::SavedServers | Self::ListedServers => "which belongs in ipvs.rules",
            Self::Timeouts => "which belongs in ipvs.timeouts",
            Self::Addresses => "which belongs in addresses",
            Self::SavedSets | Self::ListedSets => "which belongs in ipset.save",
            Self::SavedRules(None | Some(IpFamily::V4)) => "which belongs in iptables.save",
            Self::SavedRules(Some(IpFamily::V6)) => "which belongs in ip6tables.save",
            Self::Tables => "which belongs in ruleset.nft",
            Self::Connections => "which shows connections",
            Self::Links => "which shows no addresses",
            Self::Ifconfig => "which does not show all addresses",
            Self::OneTable | Self::ListedRules => "which shows one table only",
            Self::TableNames => "which shows names only",
            Self::Settings => "which belongs in sysctl",
            Self::SetsAsXml | Self::RulesAsXml | Self::TablesAsJson => "which is not read",
        }
    }

    /// The file of a capture that is about the same.
    pub fn file(self) -> CaptureFile {
        match self {
            Self::SavedServers | Self::ListedServers | Self::Connections => {
                CaptureFile::VirtualServers
            }
            Self::Timeouts => CaptureFile::Timeouts,
            Self::Addresses | Self::Links | Self::Ifconfig => CaptureFile::Addresses,
            Self::SavedSets | Self::ListedSets | Self::SetsAsXml => CaptureFile::Sets,
            Self::SavedRules(Some(IpFamily::V6)) => CaptureFile::Ip6tables,
            Self::SavedRules(None | Some(IpFamily::V4))
            | Self::OneTable
            | Self::ListedRules
            | Self::RulesAsXml => CaptureFile::Iptables,
            Self::Tables | Self::TablesAsJson | Self::TableNames => CaptureFile::Tables,
            Self::Settings => CaptureFile::Sysctl,
        }
    }

    /// Tells by the first line that says something, with the number of that line.
    pub(super) fn find(text: &str) -> Option<(usize, Self)> {
        let lines = || (1..).zip(text.lines().map(str::trim));
        let header = lines().find_map(|(number, line)| {
            let program = line.strip_prefix("# Generated by ")?;
            // iptables 1.8.2 says xtables-save of both.
            let families = [("iptables", IpFamily::V4), ("ip6tables", IpFamily::V6)];
            let family = families.iter().find(|(name, _)| program.starts_with(name));
            Some((number, Self::SavedRules(family.map(|(_, family)| *family))))
        });
        if header.is_some() {
            return header;
        }
        let (number, line) =
            lines().find(|(_, line)| !line.is_empty() && !line.starts_with('#'))?;
        if let Some(at) = lines().find(|(_, line)| shows_links(line)) {
            return Some((at.0, Self::Links));
        }
        if line.starts_with('[') && text.contains("\"linkmode\"") && !text.contains("\"addr_info\"")
        {
            return Some((number, Self::Links));
        }
        if let Some(at) = bare_table(text) {
            return Some((at, Self::TableNames));
        }
        Some((number, Self::of_line(line)?))
    }

    fn of_line(line: &str) -> Option<Self> {
        const SIGNS: [(&str, Printed); 20] = [
            ("-P ", Printed::OneTable),
            ("-N ", Printed::OneTable),
            ("-A -", Printed::SavedServers),
            ("-A ", Printed::OneTable),
            ("Chain ", Printed::ListedRules),
            ("<iptables-rules", Printed::RulesAsXml),
            ("*", Printed::SavedRules(None)),
            ("table ", Printed::Tables),
            ("{\"nftables\"", Printed::TablesAsJson),
            ("create ", Printed::SavedSets),
            ("Name: ", Printed::ListedSets),
            ("<ipsets", Printed::SetsAsXml),
            ("IP Virtual Server version", Printed::ListedServers),
            ("Prot LocalAddress:Port", Printed::ListedServers),
            ("IPVS connection entries", Printed::Connections),
            ("Timeout (tcp", Printed::Timeouts),
            ("--add-service ", Printed::SavedServers),
            ("[{", Printed::Addresses),
            ("[ {", Printed::Addresses),
            ("[]", Printed::Addresses),
        ];
        let known = SIGNS
            .into_iter()
            .find(|(begins, _)| line.starts_with(begins));
        if let Some((_, printed)) = known {
            return Some(printed);
        }
        if is_setting(line) {
            return Some(Self::Settings);
        }
        let mut words = line.split_ascii_whitespace();
        let (first, second) = (words.next()?, words.next()?);
        let number = first.strip_suffix(':');
        if number.is_some_and(|number| number.parse::<u32>().is_ok()) {
            return Some(Self::Addresses);
        }
        // `lo UNKNOWN 127.0.0.1/8`, and of ip link: `lo UNKNOWN 00:00:00:00:00:00 <LOOPBACK,UP>`
        if STATES.contains(&second) {
            return Some(if words.any(|word| word.starts_with('<')) {
                Self::Links
            } else {
                Self::Addresses
            });
        }
        (second.starts_with("flags=") || line.contains("Link encap:")).then_some(Self::Ifconfig)
    }
}

/// `net.ipv4.ip_forward = 1`.
fn is_setting(line: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    line.split_once('=').is_some_and(|(name, _)| {
        let name = name.trim_end();
        name.contains('.') && name.chars().all(letters)
    })
}

/// A line of `ip link`: unlike `ip addr`, it tells the link mode.
fn shows_links(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let number = words.next().and_then(|first| first.strip_suffix(':'));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
        && words.any(|word| word == "mode")
        && words
            .next()
            .is_some_and(|word| matches!(word, "DEFAULT" | "DORMANT"))
}

/// The first line that names a table whose content stands nowhere.
fn bare_table(text: &str) -> Option<usize> {
    let name = |line: &str| -> Option<String> {
        let mut words = line.strip_prefix("table ")?.split_ascii_whitespace();
        let name = format!("{} {}", words.next()?, words.next()?);
        words.next().is_none().then_some(name)
    };
    let lines = || text.lines().map(str::trim);
    let whole = |line: &str| name(line.split_once('{')?.0);
    let shown: BTreeSet<String> = lines().filter_map(whole).collect();
    let bare = |(number, line)| (!shown.contains(&name(line)?)).then_some(number);
    (1..).zip(lines()).find_map(bare)
}

impl CaptureFile {
    /// Whether it may hold what this command prints.
    pub(super) fn takes(self, printed: Printed) -> bool {
        match self {
            Self::VirtualServers => {
                matches!(printed, Printed::SavedServers | Printed::ListedServers)
            }
            Self::Timeouts => printed == Printed::Timeouts,
            Self::Addresses => printed == Printed::Addresses,
            Self::Sets => matches!(printed, Printed::SavedSets | Printed::ListedSets),
            Self::Iptables | Self::LegacyIptables | Self::NftIptables => {
                matches!(printed, Printed::SavedRules(None | Some(IpFamily::V4)))
            }
            Self::Ip6tables | Self::LegacyIp6tables | Self::NftIp6tables => {
                matches!(printed, Printed::SavedRules(None | Some(IpFamily::V6)))
            }
            Self::Tables => printed == Printed::Tables,
            Self::Sysctl => printed == Printed::Settings,
            Self::DummyAddresses => false,
        }
    }
}
