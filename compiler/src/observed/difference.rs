//! Whether two readings of a node show the same state.

use super::Observed;
use crate::kernel::Part;
use crate::kernel::ipset::{Foreign, Set};
use crate::kernel::iptables::{Saved, SavedRule};
use crate::model::IpFamily;

impl Observed {
    /// The first part that differs from another reading; both have to be
    /// [ordered](Self::ordered).
    ///
    /// What changes without anybody's doing is left out: the size of hash tables, which the kernel
    /// grows, and of other software's sets and rules the counters, timeouts and quotas, and entries
    /// that go away by themselves.
    pub fn difference(&self, other: &Self) -> Option<Part> {
        // By name, so that nobody forgets what comes to it.
        let Self {
            ipvs,
            timeouts,
            dummy,
            ipset: _,
            iptables: _,
            ipv6: _,
            other_iptables: _,
            nftables: _,
            sysctl,
        } = self;
        let parts = [
            (Part::Ipvs, *ipvs == other.ipvs),
            (Part::Timeouts, *timeouts == other.timeouts),
            (Part::Dummy, *dummy == other.dummy),
            (Part::Ipset, same_sets(self, other)),
            (
                Part::Iptables(IpFamily::V4),
                same_rules(self.rules(IpFamily::V4), other.rules(IpFamily::V4)),
            ),
            (
                Part::Iptables(IpFamily::V6),
                same_rules(self.rules(IpFamily::V6), other.rules(IpFamily::V6)),
            ),
            (Part::Nftables(IpFamily::V4), same_tables(self, other)),
            (Part::Sysctl, *sysctl == other.sysctl),
        ];
        parts
            .into_iter()
            .find_map(|(part, same)| (!same).then_some(part))
    }
}

/// Clients come and go while nobody changes a table.
fn same_tables(a: &Observed, b: &Observed) -> bool {
    let mut pairs = a.nftables.tables.iter().zip(&b.nftables.tables);
    let ours = pairs.all(|pair| match pair {
        (Some(a), Some(b)) => a.table == b.table && a.foreign == b.foreign,
        (None, None) => true,
        _ => false,
    });
    let mut pairs = a.nftables.kube_proxy.iter().zip(&b.nftables.kube_proxy);
    ours && pairs.all(|(a, b)| a.is_some() == b.is_some())
}

fn same_sets(a: &Observed, b: &Observed) -> bool {
    let same = |a: &Set, b: &Set| {
        a.name == b.name && a.header.same_set(b.header) && a.entries == b.entries
    };
    let foreign = |a: &Foreign, b: &Foreign| stable_lines(a) == stable_lines(b);
    pairwise(&a.ipset.sets, &b.ipset.sets, same)
        && pairwise(&a.ipset.foreign, &b.ipset.foreign, foreign)
}

/// The lines of another software's set without what changes by itself.
fn stable_lines(set: &Foreign) -> Vec<String> {
    let timed = set.lines.first().is_some_and(|header| {
        header
            .split_ascii_whitespace()
            .any(|word| word == "timeout")
    });
    let kept = if timed { 1 } else { set.lines.len() };
    let mut lines: Vec<String> = set
        .lines
        .iter()
        .take(kept)
        .map(|line| without(line, &["hashsize", "packets", "bytes"]))
        .collect();
    // Counters stand at the ends of lines, and have had a say in their order.
    lines.sort_unstable();
    lines
}

fn same_rules(a: &Saved, b: &Saved) -> bool {
    let same = |a: &SavedRule, b: &SavedRule| match (a, b) {
        (SavedRule::Foreign(a), SavedRule::Foreign(b)) => {
            // What is left of a quota is printed in its place.
            a == b || without(a, &["--quota"]) == without(b, &["--quota"])
        }
        _ => a == b,
    };
    pairwise(&a.tables, &b.tables, |a, b| {
        a.name == b.name
            && pairwise(&a.chains, &b.chains, |a, b| {
                (&a.name, a.policy) == (&b.name, b.policy) && pairwise(&a.rules, &b.rules, same)
            })
    })
}

fn pairwise<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

/// A line without the values of these options.
fn without(line: &str, options: &[&str]) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut words = line.split(' ');
    while let Some(word) = words.next() {
        kept.push_str(word);
        kept.push(' ');
        if options.contains(&word) {
            words.next();
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ipset, iptables};

    fn with_sets(text: &str) -> Observed {
        Observed {
            ipset: ipset::read(text).unwrap(),
            ..Observed::empty()
        }
        .ordered()
    }

    fn with_rules(text: &str) -> Observed {
        let rules = iptables::read(text).unwrap();
        Observed {
            iptables: [Saved::default(), rules],
            ..Observed::empty()
        }
        .ordered()
    }

    #[test]
    fn sets_agree_whatever_the_kernel_does_by_itself() {
        for (a, b, agree) in [
            (
                "create A hash:ip hashsize 1024\nadd A 10.0.0.1\nadd A 10.0.0.2",
                "create A hash:ip hashsize 2048\nadd A 10.0.0.2\nadd A 10.0.0.1",
                true,
            ),
            (
                "create A hash:net family inet hashsize 1024 maxelem 9\nadd A 10.0.0.0/8",
                "create A hash:net family inet hashsize 2048 maxelem 9\nadd A 10.0.0.0/8",
                true,
            ),
            (
                "create A hash:net maxelem 9\nadd A 10.0.0.0/8",
                "create A hash:net maxelem 8\nadd A 10.0.0.0/8",
                false,
            ),
            (
                "create A hash:net\nadd A 10.0.0.0/8",
                "create A hash:net\nadd A 11.0.0.0/8",
                false,
            ),
            (
                "create A hash:ip counters\nadd A 10.0.0.2 packets 1 bytes 99\nadd A 10.0.0.1 packets 7 bytes 1",
                "create A hash:ip counters\nadd A 10.0.0.1 packets 8 bytes 2\nadd A 10.0.0.2 packets 5 bytes 3",
                true,
            ),
            (
                "create A hash:ip timeout 300\nadd A 10.0.0.1 timeout 1",
                "create A hash:ip timeout 300",
                true,
            ),
            (
                "create A hash:ip timeout 300",
                "create A hash:ip timeout 200",
                false,
            ),
            ("create A hash:ip", "create B hash:ip", false),
            ("create A hash:ip", "", false),
        ] {
            let expected = (!agree).then_some(Part::Ipset);
            assert_eq!(with_sets(a).difference(&with_sets(b)), expected, "{a}\n{b}");
        }
    }

    #[test]
    fn rules_agree_in_their_order_alone() {
        let base = "*nat\n:A -\n:B -\n-A A -j ACCEPT\n-A A -m quota --quota 10 -j DROP\nCOMMIT\n";
        for (other, agree) in [
            (
                "*nat\n:B -\n:A -\n-A A -j ACCEPT\n-A A -m quota --quota 9 -j DROP\nCOMMIT\n",
                true,
            ),
            (
                "*nat\n:A -\n:B -\n-A A -m quota --quota 10 -j DROP\n-A A -j ACCEPT\nCOMMIT\n",
                false,
            ),
            (
                "*nat\n:A -\n-A A -j ACCEPT\n-A A -m quota --quota 10 -j DROP\nCOMMIT\n",
                false,
            ),
        ] {
            let expected = (!agree).then_some(Part::Iptables(IpFamily::V6));
            assert_eq!(
                with_rules(base).difference(&with_rules(other)),
                expected,
                "{other}"
            );
        }
    }
}
