//! Which kernel modules a mode asks for.

use super::{ipvs, nftables};
use crate::kernel::iptables;
use crate::model::Mode;

/// What a mode asks for, whatever its configuration.
pub fn of(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::Ipvs => &ipvs::MODULES,
        Mode::Iptables => &iptables::MODULES,
        Mode::Nftables => &nftables::MODULES,
    }
}

/// All that some mode asks for, in some configuration.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    ipvs::all_modules()
        .chain(iptables::MODULES)
        .chain(nftables::MODULES)
}
