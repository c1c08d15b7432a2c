//! Settings of mode nftables that the IR does not have.

use ipnet::IpNet;

use crate::model::{IpFamily, Release};

/// Settings of mode nftables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Ranges that cluster IPs come from; nothing where they are not known.
    pub service_ranges: Vec<IpNet>,
    /// The node's nft.
    pub nft: Release,
}

impl Default for Options {
    /// For a node that nothing is known of: its nft is taken for an old one.
    fn default() -> Self {
        Self {
            service_ranges: Vec::new(),
            nft: Release {
                major: 1,
                minor: 0,
                patch: 6,
            },
        }
    }
}

impl Options {
    /// Whether clients of a family can keep their endpoint. An nft before 1.1.1 aborts on maps that
    /// packets add IPv6 addresses with ports to: it takes them for 16 bytes.
    pub fn keeps_clients(&self, family: IpFamily) -> bool {
        let first = Release {
            major: 1,
            minor: 1,
            patch: 1,
        };
        family == IpFamily::V4 || self.nft >= first
    }
}
