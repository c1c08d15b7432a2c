//! Addresses that stand for those which the cluster will give to Pods to come.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::IpFamily;

/// Where they are from: set aside for measurements (RFC 2544, RFC 5180), so that nobody takes them for a
/// Pod's that runs.
pub(super) const RANGES: [&str; 2] = ["198.18.0.0/15", "2001:2::/48"];
const FIRST: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(198, 18, 0, 0)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0)),
];
/// How many of each are given out.
const MOST: u32 = (1 << 17) - 2;

/// Whether an address is of these ranges.
pub(super) fn is_stand_in(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            first == 198 && (second == 18 || second == 19)
        }
        IpAddr::V6(address) => address.segments()[..3] == [0x2001, 2, 0],
    }
}

/// Gives out addresses, each once.
pub(super) struct Addresses<'s> {
    taken: &'s BTreeSet<IpAddr>,
    given: [u32; 2],
}

impl<'s> Addresses<'s> {
    pub(super) fn new(taken: &'s BTreeSet<IpAddr>) -> Self {
        Self {
            taken,
            given: [0; 2],
        }
    }

    /// The next one of a family; `None` once all are given out.
    pub(super) fn next(&mut self, family: IpFamily) -> Option<IpAddr> {
        let given = &mut self.given[family as usize];
        while *given < MOST {
            *given += 1;
            let address = match FIRST[family as usize] {
                IpAddr::V4(first) => IpAddr::V4((u32::from(first) + *given).into()),
                IpAddr::V6(first) => IpAddr::V6((u128::from(first) + u128::from(*given)).into()),
            };
            if !self.taken.contains(&address) {
                return Some(address);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_given_once_and_never_somebodys() {
        let taken = BTreeSet::from(["198.18.0.2".parse().unwrap()]);
        let mut addresses = Addresses::new(&taken);
        let mut next = |family| addresses.next(family).unwrap().to_string();
        assert_eq!(next(IpFamily::V4), "198.18.0.1");
        assert_eq!(next(IpFamily::V4), "198.18.0.3");
        assert_eq!(next(IpFamily::V6), "2001:2::1");
        let last = std::iter::from_fn(|| addresses.next(IpFamily::V4)).last();
        assert_eq!(last, Some("198.19.255.254".parse().unwrap()));
        assert_eq!(addresses.next(IpFamily::V4), None);
        for range in RANGES {
            let range: ipnet::IpNet = range.parse().unwrap();
            assert!(is_stand_in(&range.addr()) && is_stand_in(&range.broadcast()));
        }
        assert!(!is_stand_in(&"198.20.0.0".parse().unwrap()));
        assert!(!is_stand_in(&"2001:2:1::".parse().unwrap()));
    }
}
