//! What compile has nothing to say about health checks: source ranges that keep them out (PTL014).

use std::ops::Range;

use ipnet::IpNet;

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings, some};
use crate::model::IpFamily;
use crate::source::Origin;

/// How many networks are told of one by one that a Service keeps out.
const SHOWN: usize = 8;

/// Ranges of a family filter its addresses alone, and without any, everyone may connect.
pub(super) fn source_ranges(subject: &Subject<'_>, findings: &mut Findings) {
    let checks = &subject.settings.health_check_ranges;
    let families: Vec<Checks> = [IpFamily::V4, IpFamily::V6]
        .map(|family| Checks::of(checks, family))
        .into_iter()
        .filter(|checks| !checks.sorted.is_empty())
        .collect();
    for service in &subject.cluster.services {
        let mut first_of = [None; 2];
        let mut out = Vec::new();
        for checks in &families {
            let mut addresses = service.load_balancer_ips.iter();
            let filtered = addresses.any(|ip| IpFamily::of(ip.value) == checks.family);
            let ranges = service.source_ranges.iter();
            let ranges: Vec<_> = ranges
                .filter(|range| IpFamily::of_net(range.value) == checks.family)
                .collect();
            let (true, Some(first)) = (filtered, ranges.first()) else {
                continue;
            };
            first_of[usize::from(checks.family == IpFamily::V6)] = Some(first.origin);
            out.extend(checks.outside(ranges.iter().map(|range| range.value)));
        }
        out.sort_unstable();
        let origin_of = |net: IpNet| first_of[usize::from(IpFamily::of_net(net) == IpFamily::V6)];
        let nets: Vec<IpNet> = out.iter().map(|at| checks[*at]).collect();
        let groups: Vec<&[IpNet]> = if nets.len() > SHOWN {
            vec![&nets]
        } else {
            nets.chunks(1).collect()
        };
        for nets in groups {
            if let Some(origin) = nets.first().and_then(|net| origin_of(*net)) {
                findings.push(kept_out(nets, origin));
            }
        }
    }
}

fn kept_out(nets: &[IpNet], origin: Origin) -> Finding {
    let nets = some(nets.iter());
    Finding::warning(
        Code::SourceRangeHealthCheck,
        origin,
        format!("the source ranges do not take in health checks from {nets}: the load balancer takes the nodes for dead"),
    )
    .help(format!("add {nets}, or correct healthCheckRanges of LintConfig"))
}

/// Where health checks of a family come from.
struct Checks {
    family: IpFamily,
    /// By network, the wider first; each with its place in the settings.
    sorted: Vec<(IpNet, usize)>,
}

impl Checks {
    fn of(all: &[IpNet], family: IpFamily) -> Self {
        let of_family = all.iter().enumerate();
        let of_family = of_family.filter(|(_, net)| IpFamily::of_net(**net) == family);
        let mut sorted: Vec<_> = of_family.map(|(at, net)| (net.trunc(), at)).collect();
        sorted.sort_unstable();
        Self { family, sorted }
    }

    /// Those that no range takes in, by their places in the settings.
    fn outside(&self, ranges: impl Iterator<Item = IpNet>) -> Vec<usize> {
        let mut inside: Vec<Range<usize>> = ranges.map(|range| self.within(range)).collect();
        inside.sort_unstable_by_key(|range| range.start);
        let mut out = Vec::new();
        let mut seen = 0;
        let end = self.sorted.len();
        for range in inside.into_iter().chain(std::iter::once(end..end)) {
            let gap = self.sorted.get(seen..range.start).unwrap_or_default();
            out.extend(gap.iter().map(|(_, at)| *at));
            seen = seen.max(range.end);
        }
        out
    }

    /// Those within a range stand together: networks nest, and a wider one stands before.
    fn within(&self, range: IpNet) -> Range<usize> {
        let range = range.trunc();
        let start = self.sorted.partition_point(|(net, _)| *net < range);
        let rest = &self.sorted[start..];
        let count = rest.partition_point(|(net, _)| net.network() <= range.broadcast());
        start..start + count
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Networks that often lie within one another.
    fn net() -> impl Strategy<Value = IpNet> {
        (0_u32..16, 26_u8..=32).prop_map(|(bits, length)| {
            let address = std::net::Ipv4Addr::from(0xc000_0200 | bits << 2);
            IpNet::new(address.into(), length).unwrap()
        })
    }

    proptest! {
        #[test]
        fn an_index_finds_what_a_walk_finds(
            checks in prop::collection::vec(net(), 0..12),
            ranges in prop::collection::vec(net(), 0..6),
        ) {
            let index = Checks::of(&checks, IpFamily::V4);
            let mut found = index.outside(ranges.iter().copied());
            found.sort_unstable();
            let walked: Vec<usize> = (0..checks.len())
                .filter(|at| !ranges.iter().any(|range| range.contains(&checks[*at])))
                .collect();
            prop_assert_eq!(found, walked);
        }
    }
}
