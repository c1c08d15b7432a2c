//! Lists of addresses and ranges, as far as their order and number decide rules in a mode.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::ir::Ranges;
use crate::model::service::Sourced;
use crate::model::{IpFamily, Mode};

/// Addresses of a family. In mode iptables rules stand in their order; elsewhere they are members of
/// sets.
pub(super) fn addresses<'a>(
    mode: Mode,
    addresses: impl IntoIterator<Item = &'a Sourced<IpAddr>>,
    family: IpFamily,
) -> Vec<IpAddr> {
    let addresses = addresses.into_iter().map(|ip| ip.value);
    let mut of_family: Vec<IpAddr> = addresses.filter(|ip| IpFamily::of(*ip) == family).collect();
    match mode {
        Mode::Iptables => {}
        Mode::Ipvs | Mode::Nftables => {
            of_family.sort_unstable();
            of_family.dedup();
        }
    }
    of_family
}

/// Source ranges of a family; none where one lets everyone in. In mode iptables rules stand in their
/// order, in mode ipvs each is an entry of a set, and in mode nftables only those that lie in no other.
pub(super) fn ranges(mode: Mode, ranges: &[Sourced<IpNet>], family: IpFamily) -> Vec<IpNet> {
    let ranges = ranges.iter().map(|range| range.value);
    let mut of_family: Vec<IpNet> = ranges
        .filter(|net| IpFamily::of_net(*net) == family)
        .collect();
    if of_family.iter().any(|net| net.prefix_len() == 0) {
        return Vec::new();
    }
    match mode {
        Mode::Iptables => {}
        Mode::Ipvs => {
            of_family.sort_unstable();
            of_family.dedup();
        }
        Mode::Nftables => {
            let widest: Ranges = of_family.into_iter().collect();
            of_family = widest.iter().copied().collect();
        }
    }
    of_family
}
