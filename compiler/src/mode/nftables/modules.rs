//! Kernel modules that the tables need.

/// For both families, sorted: every table has the chains that need them.
pub(in crate::mode) const MODULES: [&str; 13] = [
    "nf_conntrack",
    "nf_tables",
    "nft_chain_nat",
    "nft_ct",
    "nft_fib",
    "nft_fib_ipv4",
    "nft_fib_ipv6",
    "nft_masq",
    "nft_nat",
    "nft_numgen",
    "nft_reject",
    "nft_reject_ipv4",
    "nft_reject_ipv6",
];
