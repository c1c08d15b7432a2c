//! The node that a case has to itself, told and asked with ordinary tools.

pub(crate) mod cluster;
mod netlink;
pub(crate) mod portolan;
pub(crate) mod program;
pub(crate) mod read_once;
pub(crate) mod recording;
pub(crate) mod systemd;
mod tool;

pub(crate) use tool::Tool;

/// The two programs called iptables, which keep their rules apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    Nft,
    Legacy,
}

impl Variant {
    /// The program of this variant: `ip6tables-nft-save` of `ip6tables` and `save`.
    fn program(self, tables: &str, action: &str) -> String {
        let variant = match self {
            Self::Nft => "nft",
            Self::Legacy => "legacy",
        };
        format!("{tables}-{variant}-{action}")
    }
}
