//! Settings of mode nftables that the IR does not have.

use ipnet::IpNet;

use crate::model::{Facts, IpFamily, Release};

/// Settings of mode nftables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Ranges that cluster IPs come from; nothing where they are not known.
    pub service_ranges: Vec<IpNet>,
    /// The node's nft.
    pub nft: Release,
}

/// The oldest nft that the rules are tried with, Debian 12's; taken for that of a node that nothing is
/// known of.
pub const OLDEST: Release = Release {
    major: 1,
    minor: 0,
    patch: 6,
};

impl Options {
    /// The settings of one node; it has an old nft unless its facts say otherwise.
    pub fn new(service_ranges: &[IpNet], facts: Option<&Facts>) -> Self {
        Self {
            service_ranges: service_ranges.to_vec(),
            nft: facts.and_then(|facts| facts.nft).unwrap_or(OLDEST),
        }
    }

    /// Whether clients of a family can keep their endpoint. An nft before 1.1.1 aborts on maps that
    /// packets put IPv6 addresses with ports into: it takes them for 16 bytes.
    pub fn keeps_clients(&self, family: IpFamily) -> bool {
        let first = Release {
            major: 1,
            minor: 1,
            patch: 1,
        };
        family == IpFamily::V4 || self.nft >= first
    }
}
