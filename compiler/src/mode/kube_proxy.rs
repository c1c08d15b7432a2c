//! What is kube-proxy's beyond doubt, by its name alone.

use super::iptables::is_hashed;
use super::kube_chain::KubeChain;
use crate::kernel::iptables::TableName;
use crate::mode;

/// Chains that kubelets made as well, up to 1.27, or that kubelet and kube-proxy both leave behind.
const SHARED: [KubeChain; 5] = [
    KubeChain::Firewall,
    KubeChain::MarkDrop,
    KubeChain::MarkMasq,
    KubeChain::Postrouting,
    KubeChain::Canary,
];

/// Whether a name begins as those of kube-proxy's chains do, in modes ipvs and iptables. Network plugins
/// and kubelets give such names too.
pub fn has_prefix(chain: &str) -> bool {
    chain.starts_with("KUBE-")
}

/// Whether nobody but kube-proxy has a chain of this name in this table, in modes ipvs and iptables.
pub fn has_chain(table: TableName, chain: &str) -> bool {
    if !has_prefix(chain) || SHARED.iter().any(|shared| shared.as_str() == chain) {
        return false;
    }
    if table == TableName::Nat && is_hashed(chain) {
        return true;
    }
    let frames = mode::ipvs::frames()
        .into_iter()
        .chain(mode::iptables::frames());
    let of_table = frames.filter(|frame| frame.table == table);
    let mut chains = of_table.flat_map(|frame| frame.chains);
    chains.any(|known| known.as_str() == chain)
}

/// Whether a chain has a name that we write or take away in this table, in modes ipvs and iptables: kubelets
/// share some of them.
pub(crate) fn is_written(table: TableName, chain: &str) -> bool {
    let fixed = KubeChain::ALL.iter().any(|known| known.as_str() == chain);
    fixed || table == TableName::Nat && is_hashed(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_others_have_too_do_not_count() {
        for (table, chain, expected) in [
            (TableName::Nat, "KUBE-SERVICES", true),
            (TableName::Nat, "KUBE-SVC-ERIFXISQEP7F7OF4", true),
            (TableName::Filter, "KUBE-SVC-ERIFXISQEP7F7OF4", false),
            (TableName::Filter, "KUBE-IPVS-FILTER", true),
            (TableName::Nat, "KUBE-LOAD-BALANCER", true),
            (TableName::Nat, "KUBE-MARK-MASQ", false),
            (TableName::Filter, "KUBE-FIREWALL", false),
            (TableName::Nat, "KUBE-ROUTER-INPUT", false),
            (TableName::Nat, "KUBE-SVC-short", false),
        ] {
            assert_eq!(has_chain(table, chain), expected, "{chain}");
        }
    }
}
