//! Names of the chains that Services and endpoints have of their own.

use std::net::SocketAddr;

use sha2::{Digest as _, Sha256};

use crate::ir::ServicePortKey;
use crate::kernel::iptables::ChainName;
use crate::kernel::iptables::build::chain_name;

/// What names of endpoints' chains begin with.
const ENDPOINT: &str = "KUBE-SEP-";

/// Digits of base 32 (RFC 4648).
const ALPHABET: [u8; 32] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a chain of a service port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Balances between the endpoints of traffic policy Cluster.
    Cluster,
    /// Balances between the endpoints of traffic policy Local.
    Local,
    /// What is sent to addresses that outsiders use.
    External,
    /// What is sent to load balancer addresses that not everyone may use.
    Firewall,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Cluster => "KUBE-SVC-",
            Self::Local => "KUBE-SVL-",
            Self::External => "KUBE-EXT-",
            Self::Firewall => "KUBE-FW-",
        }
    }
}

/// Whether a chain of table nat has the name of a Service's or an endpoint's (`isServiceChainName`).
pub fn is_hashed(chain: &str) -> bool {
    let kinds = [Kind::Cluster, Kind::Local, Kind::External, Kind::Firewall];
    let hash = kinds
        .iter()
        .map(|kind| kind.prefix())
        .chain([ENDPOINT])
        .find_map(|prefix| chain.strip_prefix(prefix));
    hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| ALPHABET.contains(&byte)))
}

/// The names of one service port's chains.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// What all of its hashes begin with: `shop/cart:httptcp`.
    hashed: String,
    hash: String,
}

impl Names {
    /// `portProtoHash` in `pkg/proxy/iptables/proxier.go`.
    pub(super) fn new(key: &ServicePortKey) -> Self {
        let hashed = format!("{key}{}", key.protocol.lower());
        let hash = hash(hashed.as_bytes());
        Self { hashed, hash }
    }

    pub(super) fn chain(&self, kind: Kind) -> ChainName {
        chain_name(&format!("{}{}", kind.prefix(), self.hash))
    }

    /// The chain of one endpoint (`servicePortEndpointChainName`).
    pub(super) fn endpoint(&self, endpoint: SocketAddr) -> ChainName {
        let hash = hash(format!("{}{endpoint}", self.hashed).as_bytes());
        chain_name(&format!("{ENDPOINT}{hash}"))
    }
}

/// The first 80 bits of SHA-256 in base 32 (RFC 4648): 16 characters.
fn hash(text: &[u8]) -> String {
    let digest = Sha256::digest(text);
    let bits = digest
        .iter()
        .take(10)
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    (0..16)
        .rev()
        .map(|at| char::from(ALPHABET[(bits >> (5 * at) & 31) as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that a kube-proxy 1.30.5 gave.
    #[test]
    fn text_is_hashed_as_kube_proxy_does() {
        for (text, expected) in [
            ("default/svc-1:dns1tcp", "3WEOXER4T23ABV5K"),
            ("prod/svc-3udp", "44SAEC66WOA4U6DB"),
            ("prod/svc-3udp10.244.3.34:9153", "2ZRHV36T4BZIFGNT"),
        ] {
            assert_eq!(hash(text.as_bytes()), expected, "{text}");
        }
    }
}
