//! Names of the chains that Services and endpoints have of their own.

use std::net::SocketAddr;

use sha2::{Digest as _, Sha256};

use crate::ir::ServicePortKey;
use crate::kernel::iptables::ChainName;
use crate::kernel::iptables::build::chain_name;
use crate::mode::kube_chain::HashedChain;

/// Digits of base 32 (RFC 4648).
const ALPHABET: [u8; 32] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Whether a chain of table nat has the name of a Service's or an endpoint's (`isServiceChainName`).
pub fn is_hashed(chain: &str) -> bool {
    let kind = HashedChain::of(chain);
    let hash = kind.and_then(|kind| chain.strip_prefix(kind.as_str()));
    hash.is_some_and(is_hash)
}

/// Whether it is what such a name ends with.
pub fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| ALPHABET.contains(&byte))
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

    pub(super) fn chain(&self, kind: HashedChain) -> ChainName {
        chain_name(&format!("{}{}", kind.as_str(), self.hash))
    }

    /// The chain of one endpoint (`servicePortEndpointChainName`).
    pub(super) fn endpoint(&self, endpoint: SocketAddr) -> ChainName {
        let hash = hash(format!("{}{endpoint}", self.hashed).as_bytes());
        chain_name(&format!("{}{hash}", HashedChain::Endpoint))
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
