//! Reads a node twice, and until two readings agree.
//!
//! None of the interfaces says what the others hold at the same moment, and IPVS has no number of a
//! generation to compare. But if everything is read, and then everything once more with the same
//! result, then what was read is what the node held between the two.

use std::thread::{self, ScopedJoinHandle};

use portolan_compiler::kernel::Part;
use portolan_compiler::kernel::ipvs::Connections;
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::{Link, Observed};

use super::{Driver, Held, HostError, SetsMark, Tools, populated};

/// How often a node is read before it counts as unsettled.
const READINGS: usize = 6;

/// What a node holds, and what it was read with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What it holds, [ordered](Observed::ordered), the rules of the other variant of iptables among it
    /// where there are any.
    pub observed: Observed,
    /// Connections that its virtual servers' destinations carry, at some moment of the reading.
    pub connections: Connections,
    /// Its other links and their addresses.
    pub links: Vec<Link>,
    /// The programs that the node has, which decide how it is changed.
    pub tools: Tools,
    /// Parts that are empty because the kernel has not loaded what they need.
    pub not_loaded: Vec<Part>,
}

/// Observes a node.
///
/// # Errors
/// Where a part of it cannot be read, or it keeps changing.
pub fn observe(node: &dyn Driver) -> Result<Observation, HostError> {
    if node.privileges()?.net_admin == Held::No {
        return Err(HostError::NoNetAdmin);
    }
    thread::scope(|scope| {
        let beside = scope.spawn(|| {
            let tools = node.tools();
            let other = node.other_iptables(&tools);
            (tools, other)
        });
        let Reading {
            mut observed,
            connections,
            not_loaded,
            ..
        } = stable_reading(node)?;
        let (tools, other_rules) = join(beside);
        observed.other_iptables = other_rules?
            .filter(|other| !other.unseen.is_empty() || other.rules.iter().any(populated));
        Ok(Observation {
            observed: observed.ordered(),
            connections,
            links: node.links()?,
            tools,
            not_loaded,
        })
    })
}

/// Reads a node once: for whoever changes it alone and wants to see what became of it. Where others
/// change it meanwhile, the parts may be from different moments.
///
/// Virtual servers are read until two readings agree all the same: the kernel lists those of all
/// network namespaces by their number, so that what happens in another one repeats or hides some.
///
/// # Errors
/// Where a part of it cannot be read, or the virtual servers never agree.
pub fn read_once(node: &dyn Driver) -> Result<Observed, HostError> {
    let mut last = read(node, Sets::Whole)?.observed;
    for _ in 2..=READINGS {
        let next = Observed {
            ipvs: node.ipvs()?.unwrap_or_default().virtual_servers,
            ..Observed::empty()
        };
        let next = next.ordered().ipvs;
        if next == last.ipvs {
            return Ok(last);
        }
        last.ipvs = next;
    }
    Err(HostError::Unsettled {
        part: Part::Ipvs,
        readings: READINGS,
    })
}

/// What one pass over the subsystems found.
struct Reading {
    /// Everything, sets as far as they were asked for.
    observed: Observed,
    connections: Connections,
    /// What tells whether sets changed, taken before them.
    mark: Option<SetsMark>,
    not_loaded: Vec<Part>,
}

/// How sets are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sets {
    Whole,
    /// Only so that changes show.
    Mark,
}

/// The first reading that says the same as the one after it.
fn stable_reading(node: &dyn Driver) -> Result<Reading, HostError> {
    let mut last = read(node, Sets::Whole)?;
    let mut readings = 1;
    loop {
        let mut next = read(node, Sets::Mark)?;
        readings += 1;
        let differs = if last.mark == next.mark {
            // The sets were read between two marks that agree.
            next.observed.ipset.clone_from(&last.observed.ipset);
            last.observed.difference(&next.observed)
        } else {
            Some(Part::Ipset)
        };
        let Some(part) = differs else {
            return Ok(last);
        };
        if readings >= READINGS {
            return Err(HostError::Unsettled { part, readings });
        }
        last = match part {
            Part::Ipset => {
                readings += 1;
                read(node, Sets::Whole)?
            }
            _ => next,
        };
    }
}

/// Reads everything once, one part beside the other.
fn read(node: &dyn Driver, how: Sets) -> Result<Reading, HostError> {
    thread::scope(|scope| {
        let sets = scope.spawn(move || -> Result<_, HostError> {
            let mark = node.ipset_mark()?;
            let sets = match how {
                Sets::Whole => node.ipset()?,
                Sets::Mark => None,
            };
            Ok((mark, sets.unwrap_or_default()))
        });
        let rules = |family| scope.spawn(move || node.iptables(family));
        let (v4, v6) = (rules(IpFamily::V4), rules(IpFamily::V6));
        let tables = scope.spawn(|| node.nftables());
        let ipvs = node.ipvs();
        let (dummy, sysctls) = (node.dummy(), node.sysctl());
        let (v4, v6, sets) = (join(v4), join(v6), join(sets));
        let (ipvs, (mark, sets), v6) = (ipvs?, sets?, v6?);
        let mut not_loaded = Vec::new();
        if ipvs.is_none() {
            not_loaded.push(Part::Ipvs);
        }
        if mark.is_none() {
            not_loaded.push(Part::Ipset);
        }
        let ipvs = ipvs.unwrap_or_default();
        let observed = Observed {
            ipvs: ipvs.virtual_servers,
            timeouts: ipvs.timeouts,
            dummy: dummy?,
            ipset: sets,
            ipv6: node.ipv6()?,
            iptables: [v4?.unwrap_or_default(), v6.unwrap_or_default()],
            other_iptables: None,
            nftables: join(tables)?,
            sysctl: sysctls?,
        };
        Ok(Reading {
            observed: observed.ordered(),
            connections: ipvs.connections,
            mark,
            not_loaded,
        })
    })
}

/// A panic of a thread is one of ours.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use portolan_compiler::observed::{Dummy, Ipv6, WithoutIpv6};

    use super::*;
    use crate::host::fake::Fake;
    use crate::report::{Exit, Explain};

    fn with_address(last: u8) -> Observed {
        Observed {
            dummy: Dummy::Present(vec![[10, 96, 0, last].into()]),
            ..Observed::empty()
        }
    }

    #[test]
    fn a_quiet_node_is_read_twice() {
        let node = Fake::new([with_address(1)]);
        let observation = observe(&node).unwrap();
        assert_eq!(observation.observed, with_address(1));
        assert_eq!(observation.not_loaded, [Part::Ipset]);
        assert_eq!(observation.observed.other_iptables, None);
    }

    #[test]
    fn a_change_between_readings_is_waited_out() {
        let node = Fake::new([1, 2, 3, 3].map(with_address));
        let observation = observe(&node).unwrap();
        assert_eq!(observation.observed, with_address(3));
        assert_eq!(node.states.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_node_that_never_rests_is_an_error() {
        let node = Fake::new([1, 2, 1, 2, 1, 2, 1, 2].map(with_address));
        let error = observe(&node).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the node kept changing while it was read 6 times; last, its addresses of kube-ipvs0"
        );
        assert_eq!(error.exit(), Exit::Busy);
    }

    #[test]
    fn a_node_without_ipv6_can_be_observed() {
        for why in [WithoutIpv6::Kernel, WithoutIpv6::Setting] {
            let ipv6 = Ipv6::Without(why);
            let node = Fake::new([Observed {
                ipv6,
                ..Observed::empty()
            }]);
            assert_eq!(observe(&node).unwrap().observed.ipv6, ipv6);
            assert_eq!(read_once(&node).unwrap().ipv6, ipv6);
        }
    }

    #[test]
    fn without_the_capability_nothing_is_asked() {
        let mut node = Fake::new([]);
        node.privileges.net_admin = Held::No;
        assert_eq!(observe(&node).unwrap_err().exit(), Exit::NoPermission);
    }
}
