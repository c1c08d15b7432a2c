//! The files of a capture.

use crate::front::facts::IptablesVariant;
use crate::model::IpFamily;

/// A file of a capture, and the command whose output it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaptureFile {
    /// `ipvsadm -Sn`, or `ipvsadm -Ln`.
    VirtualServers,
    /// `ipvsadm -L --timeout`, or its three numbers alone.
    Timeouts,
    /// `ip addr`, in any of its forms.
    Addresses,
    /// The addresses of kube-ipvs0 alone, one a line.
    DummyAddresses,
    /// `ipset save`, or `ipset list`.
    Sets,
    /// `iptables-save`: IPv4 rules.
    Iptables,
    /// `ip6tables-save`: IPv6 rules.
    Ip6tables,
    /// Rules of the variant of iptables that the two above do not show.
    OtherRules(IptablesVariant, IpFamily),
    /// `nft list ruleset`.
    Tables,
    /// `sysctl -a`, or a part of it.
    Sysctl,
}

use IptablesVariant::{Legacy, Nft};

impl CaptureFile {
    /// All files, in the order in which they are told.
    pub const ALL: [Self; 13] = [
        Self::VirtualServers,
        Self::Timeouts,
        Self::Addresses,
        Self::DummyAddresses,
        Self::Sets,
        Self::Iptables,
        Self::Ip6tables,
        Self::OtherRules(Legacy, IpFamily::V4),
        Self::OtherRules(Legacy, IpFamily::V6),
        Self::OtherRules(Nft, IpFamily::V4),
        Self::OtherRules(Nft, IpFamily::V6),
        Self::Tables,
        Self::Sysctl,
    ];

    /// Files that no capture is without.
    pub const REQUIRED: [Self; 5] = [
        Self::VirtualServers,
        Self::Addresses,
        Self::Sets,
        Self::Iptables,
        Self::Ip6tables,
    ];

    /// Its name in the capture's folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::VirtualServers => "ipvs.rules",
            Self::Timeouts => "ipvs.timeouts",
            Self::Addresses => "addresses",
            Self::DummyAddresses => "kube-ipvs0.addresses",
            Self::Sets => "ipset.save",
            Self::Iptables => "iptables.save",
            Self::Ip6tables => "ip6tables.save",
            Self::OtherRules(Legacy, IpFamily::V4) => "iptables-legacy.save",
            Self::OtherRules(Legacy, IpFamily::V6) => "ip6tables-legacy.save",
            Self::OtherRules(Nft, IpFamily::V4) => "iptables-nft.save",
            Self::OtherRules(Nft, IpFamily::V6) => "ip6tables-nft.save",
            Self::Tables => "ruleset.nft",
            Self::Sysctl => "sysctl",
        }
    }

    /// The command whose output it holds.
    pub fn command(self) -> &'static str {
        match self {
            Self::VirtualServers => "ipvsadm -Sn",
            Self::Timeouts => "ipvsadm -L --timeout",
            Self::Addresses | Self::DummyAddresses => "ip -o addr",
            Self::Sets => "ipset save",
            Self::Iptables => "iptables-save",
            Self::Ip6tables => "ip6tables-save",
            Self::OtherRules(Legacy, IpFamily::V4) => "iptables-legacy-save",
            Self::OtherRules(Legacy, IpFamily::V6) => "ip6tables-legacy-save",
            Self::OtherRules(Nft, IpFamily::V4) => "iptables-nft-save",
            Self::OtherRules(Nft, IpFamily::V6) => "ip6tables-nft-save",
            Self::Tables => "nft list ruleset",
            Self::Sysctl => "sysctl -a",
        }
    }

    /// Whether a command prints all that the file holds, so that nothing printed is nothing there.
    pub(super) fn is_made_by(self, command: &str) -> bool {
        let others: &[&str] = match self {
            Self::VirtualServers => &["ipvsadm -S -n", "ipvsadm -Ln", "ipvsadm -L -n"],
            Self::Sets => &["ipset list", "ipset -S", "ipset -L"],
            _ => &[],
        };
        command == self.command()
            || command.strip_suffix(" -c") == Some(self.command())
            || others.contains(&command)
    }

    /// What an empty file says, of what a node can be without.
    pub fn emptiness(self) -> Option<&'static str> {
        match self {
            Self::VirtualServers => Some(
                "a node whose mode is not ipvs may have no ipvsadm: an empty file says that it has no virtual servers",
            ),
            Self::Sets => Some(
                "a node whose mode is not ipvs may have no ipset: an empty file says that it has no sets",
            ),
            _ => None,
        }
    }

    /// The command as it is typed to make the file.
    pub fn made_by(self) -> String {
        format!("{} > {}", self.command(), self.name())
    }
}
