//! What is ours to change.
//!
//! Sets and chains are ours by kube-proxy's exact names, whoever made them: kubelet and network
//! plugins have `KUBE-` chains too, so no prefix counts. Virtual servers and addresses carry no
//! names; there it depends on [`Ownership`].

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::back::ipvs::VirtualServerKey;

/// Virtual servers and addresses that an earlier apply made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Virtual servers.
    pub servers: BTreeSet<VirtualServerKey>,
    /// Addresses of kube-ipvs0.
    pub addresses: BTreeSet<IpAddr>,
}

/// Which virtual servers and addresses may be taken away when nobody asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// Those an earlier apply made; all others are listed and left alone.
    Tracked(Inventory),
    /// All, but for virtual servers in these ranges (`ipvs.excludeCIDRs`). As kube-proxy does on
    /// every run, and as a take-over does once.
    Everything {
        /// Ranges whose virtual servers are somebody else's.
        exclude: Vec<IpNet>,
    },
}

impl Ownership {
    pub(super) fn owns_server(&self, key: &VirtualServerKey) -> bool {
        match self {
            Self::Tracked(inventory) => inventory.servers.contains(key),
            Self::Everything { exclude } => !exclude.iter().any(|net| net.contains(&key.address)),
        }
    }

    pub(super) fn owns_address(&self, address: IpAddr) -> bool {
        match self {
            Self::Tracked(inventory) => inventory.addresses.contains(&address),
            // excludeCIDRs protects virtual servers only.
            Self::Everything { .. } => true,
        }
    }
}
