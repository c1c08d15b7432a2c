//! One order for what the kernel and its tools list in several.
//!
//! IPVS answers in hash order and `ipvsadm` sorts; `ipset save` follows the order of creation;
//! `iptables-save` lists chains by age in one variant and otherwise in the other. Rules alone have an
//! order that means something, and keep it.

use super::{Dummy, Observed};

impl Observed {
    /// The same state in the one order that readings are compared in: virtual servers, sets, tables
    /// and chains by name.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.ipvs.servers.sort_by_key(|server| server.key);
        for foreign in &mut self.ipvs.foreign {
            // The virtual server's own line stays first.
            if let Some((_, destinations)) = foreign.lines.split_first_mut() {
                destinations.sort_unstable();
            }
        }
        self.ipvs.foreign.sort_by(|a, b| a.lines.cmp(&b.lines));
        if let Dummy::Present(addresses) = &mut self.dummy {
            addresses.sort_unstable();
            addresses.dedup();
        }
        self.ipset.sets.sort_by(|a, b| a.name.cmp(&b.name));
        for foreign in &mut self.ipset.foreign {
            if let Some((_, entries)) = foreign.lines.split_first_mut() {
                entries.sort_unstable();
            }
        }
        self.ipset.foreign.sort_by(|a, b| a.name.cmp(&b.name));
        let others = self.other_iptables.iter_mut();
        let others = others.flat_map(|other| &mut other.rules);
        for saved in self.iptables.iter_mut().chain(others) {
            saved.tables.sort_by(|a, b| a.name.cmp(&b.name));
            for table in &mut saved.tables {
                table.chains.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
        self
    }
}
