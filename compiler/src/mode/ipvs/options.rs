//! Settings of IPVS mode that the IR does not have.

use crate::mode::masquerade::CURRENT_IPTABLES;
use crate::model::config::{Config, StrictArp};
use crate::model::{Facts, Release, Scheduler, Timeouts};

/// Settings of IPVS mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Scheduler of every virtual server.
    pub scheduler: Scheduler,
    /// Timeouts, where any is set.
    pub timeouts: Option<Timeouts>,
    /// Whether ARP is answered only where the address is; decides two sysctls.
    pub strict_arp: StrictArp,
    /// Kernel of the node.
    pub kernel: Release,
    /// iptables programs of the node.
    pub iptables: Release,
}

impl Options {
    /// A current node, where the facts say nothing else.
    pub(super) const KERNEL: Release = Release {
        major: 6,
        minor: 1,
        patch: 0,
    };

    /// The settings of one node.
    pub fn new(config: &Config, facts: Option<&Facts>) -> Self {
        Self {
            scheduler: config.scheduler,
            timeouts: config.timeouts,
            strict_arp: config.strict_arp,
            kernel: facts.and_then(|facts| facts.kernel).unwrap_or(Self::KERNEL),
            iptables: facts
                .and_then(|facts| facts.iptables)
                .unwrap_or(CURRENT_IPTABLES),
        }
    }
}
