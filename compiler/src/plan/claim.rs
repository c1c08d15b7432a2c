//! What is ours to change.
//!
//! Sets and chains are ours by kube-proxy's exact names, whoever made them: kubelet and network
//! plugins have `KUBE-` chains too, so no prefix counts. Virtual servers and addresses carry no
//! names; there it depends on [`Ownership`].

use std::net::IpAddr;

use ipnet::IpNet;

use super::{DestinationKey, Inventory};
use crate::kernel::ipvs::Timeouts;
use crate::kernel::sysctl::Sysctl;
use crate::mode::services::ServiceList;
use crate::model::{Mode, TransportAddress};

/// Which virtual servers and addresses may be taken away when nobody asks for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Ownership {
    /// Those an earlier apply recorded; all others are listed and left alone.
    #[default]
    Tracked,
    /// kube-ipvs0 with all its addresses, kube-proxy's own tables of nftables, and every virtual server
    /// but those in these ranges (`ipvs.excludeCIDRs`). As kube-proxy does on every run, and as a take-over does once.
    ///
    /// Virtual servers of firewall marks have no address, so no range could exclude them: they are
    /// left alone.
    Everything {
        /// Ranges whose virtual servers are somebody else's.
        exclude: Vec<IpNet>,
    },
}

/// What is ours, and what an earlier apply left unfinished on purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// What may be taken away.
    pub ownership: Ownership,
    /// What an earlier apply recorded.
    pub inventory: Inventory,
    /// What Services had when that was applied, where it was recorded: which endpoints served then
    /// though they were not chosen.
    pub services: Option<ServiceList>,
    /// Settings to be put back where nothing else is asked for.
    pub found: FoundSettings,
}

/// Settings as they were before anybody changed them, whatever mode did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundSettings {
    /// Each with the value that it had.
    pub sysctls: Vec<Sysctl>,
    /// The idle timeouts of IPVS; `None` where nobody changed them.
    pub timeouts: Option<Timeouts>,
}

impl Claims {
    /// Only what an earlier apply recorded.
    pub fn tracked(inventory: Inventory) -> Self {
        Self {
            ownership: Ownership::Tracked,
            inventory,
            ..Self::default()
        }
    }

    /// With what Services had.
    #[must_use]
    pub fn with_services(self, services: Option<ServiceList>) -> Self {
        Self { services, ..self }
    }

    /// Settings go back to what they were.
    #[must_use]
    pub fn putting_back(self, found: FoundSettings) -> Self {
        Self { found, ..self }
    }

    pub(super) fn owns_server(&self, key: &TransportAddress) -> bool {
        match &self.ownership {
            Ownership::Tracked => self.inventory.servers.contains(key),
            Ownership::Everything { exclude } => {
                !exclude.iter().any(|net| net.contains(&key.address))
            }
        }
    }

    pub(super) fn owns_address(&self, address: IpAddr) -> bool {
        match &self.ownership {
            Ownership::Tracked => self.inventory.addresses.contains(&address),
            // excludeCIDRs protects virtual servers only.
            Ownership::Everything { .. } => true,
        }
    }

    /// The modes whose sets and chains are ours by name, beside those of the mode that is asked for.
    pub(super) fn modes(&self) -> impl Iterator<Item = Mode> {
        let all = matches!(self.ownership, Ownership::Everything { .. });
        Mode::ALL
            .into_iter()
            .filter(move |mode| all || self.inventory.modes.contains(mode))
    }

    /// Whether kube-proxy's own tables may be taken away.
    pub(super) fn owns_kube_proxys(&self) -> bool {
        matches!(self.ownership, Ownership::Everything { .. })
    }

    /// Whether a destination was set to drain, and goes by itself once its connections are over.
    pub(super) fn drains(&self, key: &DestinationKey) -> bool {
        self.inventory.draining.contains_key(key)
    }
}
