//! Many ranges, of which one is looked for in time that does not grow with their number.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

/// Ranges without host bits, by their start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ranges {
    nets: BTreeSet<IpNet>,
    /// The lengths of prefixes that occur.
    lengths: BTreeSet<u8>,
}

impl FromIterator<IpNet> for Ranges {
    fn from_iter<I: IntoIterator<Item = IpNet>>(nets: I) -> Self {
        let nets: BTreeSet<IpNet> = nets.into_iter().map(|net| net.trunc()).collect();
        let lengths = nets.iter().map(IpNet::prefix_len).collect();
        Self { nets, lengths }
    }
}

impl Ranges {
    /// The widest range in which an address lies.
    pub(super) fn holding(&self, address: IpAddr) -> Option<IpNet> {
        self.around(IpNet::from(address))
    }

    /// A range that has an address in common with this one.
    pub(super) fn overlapping(&self, net: IpNet) -> Option<IpNet> {
        let net = net.trunc();
        let within = || {
            let next = self.nets.range(net..).next();
            next.copied().filter(|one| net.contains(one))
        };
        self.around(net).or_else(within)
    }

    /// The widest range that has all of this one.
    pub(super) fn around(&self, net: IpNet) -> Option<IpNet> {
        let lengths = self.lengths.range(..=net.prefix_len());
        let mut wider = lengths.filter_map(|length| {
            let wide = IpNet::new(net.addr(), *length).ok()?.trunc();
            self.nets.contains(&wide).then_some(wide)
        });
        wider.next()
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &IpNet> {
        self.nets.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn net() -> impl Strategy<Value = IpNet> {
        prop_oneof![
            (0u32..=255, 20u8..=32).prop_map(|(low, length)| {
                IpNet::new(
                    IpAddr::from((0x0a00_0000 | (low << 4)).to_be_bytes()),
                    length,
                )
                .unwrap()
            }),
            (0u128..=255, 118u8..=128).prop_map(|(low, length)| {
                IpNet::new(IpAddr::from((low << 2).to_be_bytes()), length).unwrap()
            }),
        ]
    }

    proptest! {
        /// The same as a look at each.
        #[test]
        fn ranges_are_found_as_by_a_walk(
            nets in prop::collection::vec(net(), 0..12),
            asked in net(),
        ) {
            let ranges: Ranges = nets.iter().copied().collect();
            let address = asked.addr();
            let held = nets.iter().any(|net| net.contains(&address));
            prop_assert_eq!(ranges.holding(address).is_some(), held);
            if let Some(found) = ranges.holding(address) {
                prop_assert!(found.contains(&address));
            }
            let asked = asked.trunc();
            let overlaps = |net: &IpNet| net.contains(&asked) || asked.contains(&net.trunc());
            prop_assert_eq!(ranges.overlapping(asked).is_some(), nets.iter().any(overlaps));
        }
    }
}
