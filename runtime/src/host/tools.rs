//! The programs of a node, and what they speak to.

use std::fmt;

use portolan_compiler::front::facts::{Iptables, IptablesVariant, Nft};
use portolan_compiler::kernel::iptables::{Policy, Saved};

/// Programs that were found, with their versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    /// `iptables`, with its version and variant.
    pub iptables: Option<Iptables>,
    /// `ip6tables`, with its version and variant.
    pub ip6tables: Option<Iptables>,
    /// `ipset`, such as `7.17`.
    pub ipset: Option<String>,
    /// `nft`, with its version.
    pub nft: Option<Nft>,
}

impl Tools {
    /// The variant of `iptables`.
    pub fn variant(&self) -> Option<IptablesVariant> {
        self.iptables.as_ref().and_then(|iptables| iptables.variant)
    }
}

/// Whether tables hold anything that decides about packets, or chains that wait for it.
pub fn populated(saved: &Saved) -> bool {
    let chains = saved.tables.iter().flat_map(|table| &table.chains);
    chains
        .into_iter()
        .any(|chain| !chain.rules.is_empty() || matches!(chain.policy, None | Some(Policy::Drop)))
}

/// A table of nftables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NftTable {
    /// Its family, such as `ip` or `inet`.
    pub family: String,
    /// Name of the table, within its family.
    pub name: String,
}

impl fmt::Display for NftTable {
    /// As `nft` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.family, self.name)
    }
}
