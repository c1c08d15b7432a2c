//! What a node without IPv6 cannot serve.
//!
//! kube-proxy looks whether ip6tables works and serves IPv4 alone where it does not; where only the
//! setting is off, it programs IPv6 in vain and logs errors on every run. Here both come to the same: what
//! is of IPv6 is neither asked for nor touched, so that IPv4 is served whole, and it is said.

use std::fmt;

use crate::kernel::Listener;
use crate::mode::NodeState;
use crate::model::{IpFamily, Mode};
use crate::observed::{Ipv6, Observed, WithoutIpv6};

/// Frontends that a node cannot serve, as it has no IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unserved {
    /// Why it has none.
    pub why: WithoutIpv6,
    /// How many frontends of IPv6 are asked for.
    pub frontends: usize,
}

impl Unserved {
    /// What of a state a node cannot serve; `None` where it has IPv6.
    pub fn of(state: &NodeState, ipv6: Ipv6) -> Option<Self> {
        match ipv6 {
            Ipv6::Known => None,
            Ipv6::Without(why) => Some(Self {
                why,
                frontends: frontends(state),
            }),
        }
    }
}

fn frontends(state: &NodeState) -> usize {
    let is_v6 = |listener: &Listener| listener.family() == IpFamily::V6;
    match state.mode() {
        Mode::Ipvs => {
            let servers = state.virtual_servers().iter();
            servers
                .filter(|one| is_v6(&Listener::Address(one.key)))
                .count()
        }
        Mode::Iptables | Mode::Nftables => {
            let served = state.served_by_rules();
            served.keys().filter(|listener| is_v6(listener)).count()
        }
    }
}

impl fmt::Display for Unserved {
    /// In a sentence of its own, without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.frontends {
            0 => f.write_str("nothing of it is asked for")?,
            1 => f.write_str("1 frontend of it cannot be served here")?,
            many => write!(f, "{many} frontends of it cannot be served here")?,
        }
        write!(f, ": {}", self.why)
    }
}

/// Both without what is of IPv6.
pub(super) fn without_ipv6(state: &NodeState, observed: &Observed) -> (NodeState, Observed) {
    (
        state.of_family(IpFamily::V4),
        observed.of_family(IpFamily::V4),
    )
}
