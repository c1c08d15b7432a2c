//! Which mode of kube-proxy's what a node holds is of.

use super::{Dummy, Observed};
use crate::kernel::iptables::TableName;
use crate::mode::HashedChain;
use crate::model::{IpFamily, Mode};

impl Observed {
    /// The first mode that it holds something of which no other mode makes.
    pub fn shown_mode(&self) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| self.shows(*mode))
    }

    /// Whether it holds what only this mode makes; kube-proxy's own table counts too.
    pub fn shows(&self, mode: Mode) -> bool {
        let nat = |family| self.rules(family).table(TableName::Nat);
        match mode {
            Mode::Ipvs => self.dummy != Dummy::Absent,
            Mode::Iptables => {
                let tables = IpFamily::ALL.into_iter().filter_map(nat);
                let chains = tables.flat_map(|table| &table.chains);
                let mut kinds = chains.filter_map(|chain| HashedChain::of(&chain.name));
                kinds.any(|kind| matches!(kind, HashedChain::Cluster | HashedChain::External))
            }
            Mode::Nftables => {
                let tables = &self.nftables;
                tables.tables.iter().any(Option::is_some)
                    || tables.kube_proxy.iter().any(Option::is_some)
            }
        }
    }
}
