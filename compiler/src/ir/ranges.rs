//! Ranges of addresses to look addresses up in.

use std::net::IpAddr;

use ipnet::IpNet;

/// Ranges of addresses, sorted, host bits cleared, none within another: how they were written makes no
/// difference, and looking an address up takes steps in proportion to the logarithm of their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges(Vec<IpNet>);

impl Ranges {
    /// Whether an address lies in one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let after = self.0.partition_point(|net| net.network() <= address);
        let last = after.checked_sub(1).and_then(|at| self.0.get(at));
        last.is_some_and(|net| net.contains(&address))
    }

    /// Each of them, sorted.
    pub fn iter(&self) -> std::slice::Iter<'_, IpNet> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Ranges {
    type Item = &'a IpNet;
    type IntoIter = std::slice::Iter<'a, IpNet>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<IpNet> for Ranges {
    fn from_iter<I: IntoIterator<Item = IpNet>>(nets: I) -> Self {
        let mut nets: Vec<IpNet> = nets.into_iter().map(|net| net.trunc()).collect();
        // In this order each comes right after the widest one that it may lie in, and others in that.
        nets.sort_unstable_by_key(|net| (net.network(), net.prefix_len()));
        let mut widest: Vec<IpNet> = Vec::with_capacity(nets.len());
        for net in nets {
            if !widest.last().is_some_and(|wider| wider.contains(&net)) {
                widest.push(net);
            }
        }
        Self(widest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_that_lie_in_no_other() {
        for (written, expected) in [
            ("", ""),
            ("10.0.0.9/24", "10.0.0.0/24"),
            ("10.1.0.0/16 10.0.0.0/16", "10.0.0.0/16 10.1.0.0/16"),
            ("10.0.0.0/24 10.0.0.0/24 10.0.0.128/25", "10.0.0.0/24"),
            (
                "fd00::/64 10.0.1.0/24 10.0.0.0/8 10.255.0.0/16",
                "10.0.0.0/8 fd00::/64",
            ),
        ] {
            let ranges: Ranges = written
                .split_whitespace()
                .map(|net| net.parse::<IpNet>().unwrap())
                .collect();
            let found: Vec<String> = ranges.iter().map(ToString::to_string).collect();
            assert_eq!(found.join(" "), expected, "{written}");
        }
    }

    #[test]
    fn an_address_is_found_in_the_range_that_has_it() {
        let ranges: Ranges = ["10.0.0.0/24", "10.0.2.0/24", "fd00::/64"]
            .map(|net| net.parse::<IpNet>().unwrap())
            .into_iter()
            .collect();
        for (address, expected) in [
            ("9.255.255.255", false),
            ("10.0.0.0", true),
            ("10.0.0.255", true),
            ("10.0.1.0", false),
            ("10.0.2.7", true),
            ("10.0.3.0", false),
            ("fd00::1", true),
            ("fd00:0:0:1::", false),
        ] {
            assert_eq!(
                ranges.contains(address.parse().unwrap()),
                expected,
                "{address}"
            );
        }
    }
}
