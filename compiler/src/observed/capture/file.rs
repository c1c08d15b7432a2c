//! The files of a capture.

use crate::front::facts::IptablesVariant;
use crate::model::IpFamily;

closed_set! {
    /// A file of a capture, by its name in the capture's folder, in the order in which they are told.
    pub enum CaptureFile {
        /// `ipvsadm -Sn`, or `ipvsadm -Ln`.
        VirtualServers = "ipvs.rules",
        /// `ipvsadm -L --timeout`, or its three numbers alone.
        Timeouts = "ipvs.timeouts",
        /// `ip addr`, in any of its forms.
        Addresses = "addresses",
        /// The addresses of kube-ipvs0 alone, one a line.
        DummyAddresses = "kube-ipvs0.addresses",
        /// `ipset save`, or `ipset list`.
        Sets = "ipset.save",
        /// `iptables-save`: IPv4 rules.
        Iptables = "iptables.save",
        /// `ip6tables-save`: IPv6 rules.
        Ip6tables = "ip6tables.save",
        /// `iptables-legacy-save`, where `iptables-save` does not show these.
        LegacyIptables = "iptables-legacy.save",
        /// `ip6tables-legacy-save`, likewise.
        LegacyIp6tables = "ip6tables-legacy.save",
        /// `iptables-nft-save`, where `iptables-save` does not show these.
        NftIptables = "iptables-nft.save",
        /// `ip6tables-nft-save`, likewise.
        NftIp6tables = "ip6tables-nft.save",
        /// `nft list ruleset`.
        Tables = "ruleset.nft",
        /// `sysctl -a`, or a part of it.
        Sysctl = "sysctl",
    }
}

impl CaptureFile {
    /// Files that no capture is without.
    pub const REQUIRED: [Self; 5] = [
        Self::VirtualServers,
        Self::Addresses,
        Self::Sets,
        Self::Iptables,
        Self::Ip6tables,
    ];

    /// Rules of a variant of iptables that the node's own programs do not show.
    pub fn other_rules(variant: IptablesVariant, family: IpFamily) -> Self {
        match (variant, family) {
            (IptablesVariant::Legacy, IpFamily::V4) => Self::LegacyIptables,
            (IptablesVariant::Legacy, IpFamily::V6) => Self::LegacyIp6tables,
            (IptablesVariant::Nft, IpFamily::V4) => Self::NftIptables,
            (IptablesVariant::Nft, IpFamily::V6) => Self::NftIp6tables,
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
            Self::LegacyIptables => "iptables-legacy-save",
            Self::LegacyIp6tables => "ip6tables-legacy-save",
            Self::NftIptables => "iptables-nft-save",
            Self::NftIp6tables => "ip6tables-nft-save",
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
        format!("{} > {}", self.command(), self)
    }
}
