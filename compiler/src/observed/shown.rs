//! Which mode of kube-proxy's what a node holds is of.

use super::{Dummy, Observed};
use crate::kernel::iptables::TableName;
use crate::model::{IpFamily, Mode};

impl Observed {
    /// The first mode that it holds something of which no other mode makes.
    pub fn shown_mode(&self) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| self.shows(*mode))
    }

    /// Whether it holds what only this mode makes; kube-proxy's own table counts too.
    pub fn shows(&self, mode: Mode) -> bool {
        let nat = |family| self.rules(family).table(TableName::Nat);
        let has_chain = |start: &str| {
            let tables = IpFamily::ALL.into_iter().filter_map(nat);
            let mut chains = tables.flat_map(|table| &table.chains);
            chains.any(|chain| chain.name.starts_with(start))
        };
        match mode {
            Mode::Ipvs => self.dummy != Dummy::Absent,
            Mode::Iptables => has_chain("KUBE-SVC-") || has_chain("KUBE-EXT-"),
            Mode::Nftables => {
                let tables = &self.nftables;
                tables.tables.iter().any(Option::is_some)
                    || tables.kube_proxy.iter().any(Option::is_some)
            }
        }
    }
}
