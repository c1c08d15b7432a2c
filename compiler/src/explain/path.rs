//! The traces of a packet: what it met, and where each trace ends.

use std::fmt;
use std::net::SocketAddr;

use super::Flow;
use crate::kernel::iptables::TableName;
use crate::kernel::nftables::TABLE;
use crate::model::Mode;
use crate::model::name::InterfaceName;
use crate::source::Origins;

/// Everything that may become of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The packet that was asked about: sender, destination, interface.
    pub flow: Flow,
    /// The mode of the rules.
    pub mode: Mode,
    pub(super) steps: Vec<Step>,
    /// Where it may end, at least one.
    pub branches: Vec<Branch>,
}

/// A place on a trace; see [`Explanation::hop`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepId(pub(super) usize);

/// A hop, and the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) before: Option<StepId>,
    pub(super) hop: Hop,
}

/// Something that did something to the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// At which hook of the kernel.
    pub hook: Hook,
    /// Which part of the kernel.
    pub place: KernelPlace,
    /// What, in the words of the tool that lists it: a rule, a virtual server.
    pub what: String,
    /// What the rule was told by sets and maps.
    pub evidence: Vec<Evidence>,
    /// What it did.
    pub effect: Effect,
    /// Where it comes from; nothing for what every node has, and in a compiled folder.
    pub origins: Origins,
}

/// An entry of a set or a map that a rule asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Name of the set or map.
    pub set: String,
    /// What of it matched, as the tool lists it.
    pub entry: String,
    /// Where it comes from.
    pub origins: Origins,
}

/// Where the kernel hands packets out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// As they come in.
    Prerouting,
    /// To the node.
    Input,
    /// Through the node.
    Forward,
    /// From the node.
    Output,
    /// As they leave.
    Postrouting,
}

impl Hook {
    /// As iptables names its chain.
    pub fn upper(self) -> &'static str {
        match self {
            Self::Prerouting => "PREROUTING",
            Self::Input => "INPUT",
            Self::Forward => "FORWARD",
            Self::Output => "OUTPUT",
            Self::Postrouting => "POSTROUTING",
        }
    }

    /// As nft names it.
    pub fn lower(self) -> &'static str {
        match self {
            Self::Prerouting => "prerouting",
            Self::Input => "input",
            Self::Forward => "forward",
            Self::Output => "output",
            Self::Postrouting => "postrouting",
        }
    }
}

/// A part of the kernel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KernelPlace {
    /// A chain of iptables.
    Iptables(TableName, String),
    /// A chain of nftables, in the table of Services.
    Nftables(String),
    /// IPVS, which finds virtual servers and destinations.
    Ipvs,
    /// Routing, which decides whether a packet is for the node.
    Routing,
}

impl KernelPlace {
    /// The table, or what else it is.
    pub fn table(&self) -> &str {
        match self {
            Self::Iptables(table, _) => table.as_str(),
            Self::Nftables(_) => TABLE,
            Self::Ipvs => "ipvs",
            Self::Routing => "routing",
        }
    }

    /// The chain, where there is one.
    pub fn chain(&self) -> Option<&str> {
        match self {
            Self::Iptables(_, chain) | Self::Nftables(chain) => Some(chain),
            Self::Ipvs | Self::Routing => None,
        }
    }
}

/// What something did to a packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Led it into a chain.
    Enters(String),
    /// Sent it back to the calling chain.
    Returns,
    /// Let it pass this table.
    Accepts,
    /// Let it go on to the next rule.
    Continues,
    /// Marked it to be masqueraded.
    Marks,
    /// Took the mark off.
    Unmarks,
    /// Sent it to an endpoint.
    SendsTo(SocketAddr),
    /// Gave it an address of the node for its source.
    Masquerades,
    /// Noted the sender's endpoint for so many seconds.
    Remembers(u32),
    /// Dropped it in silence.
    Drops,
    /// Refused it with an answer.
    Rejects,
}

/// Where a trace ends, and what must be so for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The last hop; `None` where nothing did anything to the packet.
    pub last: Option<StepId>,
    /// How many of the packets that this may happen to.
    pub share: Share,
    /// What must be so, or must not be.
    pub assumptions: Vec<(Assumption, bool)>,
    /// Whether it is the trace of clients that were here before only.
    pub returning: bool,
    /// How long clients keep their endpoint, in seconds, where they do.
    pub affinity: Option<u32>,
    /// What becomes of the packet there.
    pub verdict: Verdict,
}

/// Something that decides about a packet and that nobody said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// It comes in through this interface.
    Interface(InterfaceName),
    /// It comes in through an interface that starts so.
    InterfacePrefix(InterfaceName),
    /// It comes in through the port of a bridge.
    BridgePort,
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface(name) => write!(f, "it comes in through {name}"),
            Self::InterfacePrefix(name) => write!(f, "it comes in through {name}*"),
            Self::BridgePort => f.write_str("it comes in through a port of a bridge"),
        }
    }
}

/// A share of the packets, in 2^-31 parts, as the kernel counts chances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub(super) u32);

impl Share {
    /// All of them.
    pub const ALL: Self = Self(1 << 31);

    /// Divides it: the share of so many parts of 2^31, and the rest.
    pub(super) fn split(self, parts: u32) -> (Self, Self) {
        let taken = (u64::from(self.0) * u64::from(parts)) >> 31;
        let taken = u32::try_from(taken).unwrap_or(self.0).min(self.0);
        (Self(taken), Self(self.0 - taken))
    }

    /// Divides it into shares that relate like the weights.
    pub(super) fn by_weight(self, weights: &[u32]) -> Vec<Self> {
        let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let part = |weight: &u32| {
            let part = u64::from(self.0) * u64::from(*weight) / sum.max(1);
            Self(u32::try_from(part).unwrap_or(self.0))
        };
        weights.iter().map(part).collect()
    }

    /// In thousandths, rounded.
    pub fn permille(self) -> u32 {
        let permille = (u64::from(self.0) * 1000 + (1 << 30)) >> 31;
        u32::try_from(permille).unwrap_or(1000)
    }
}

/// What becomes of a packet in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It comes to an endpoint.
    Reaches(SocketAddr, Source),
    /// The sender is told that nobody is there.
    Rejected,
    /// It disappears, and the sender is told nothing.
    Dropped,
    /// No Service takes it, and it is for the node: a socket answers, or nobody.
    NodeItself,
    /// No Service takes it, and it goes on to where it was sent.
    RoutedOn(Source),
}

/// Whose address the receiver sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The sender's, as it was sent.
    Kept,
    /// One of the node's.
    Masqueraded,
}

impl Explanation {
    /// What happened at a step; `step` is of this explanation.
    pub fn hop(&self, step: StepId) -> &Hop {
        &self.steps[step.0].hop
    }

    /// The steps that lead to the end of a branch, the first one first.
    pub fn trace(&self, branch: &Branch) -> Vec<StepId> {
        let before = |step: &StepId| self.steps[step.0].before;
        let mut trace: Vec<StepId> = std::iter::successors(branch.last, before).collect();
        trace.reverse();
        trace
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::iptables::Probability;

    #[test]
    fn equal_chances_in_a_row_are_equal_shares() {
        for endpoints in [1, 2, 3, 7, 100] {
            let mut left = Share::ALL;
            for chances in (1..=endpoints).rev() {
                let (taken, rest) = left.split(Probability::one_of(chances).parts());
                let expected = 1000 / u32::try_from(endpoints).unwrap();
                assert!(taken.permille().abs_diff(expected) <= 1, "{endpoints}");
                left = rest;
            }
            assert_eq!(left, Share(0));
        }
        let shares = Share::ALL.by_weight(&[1, 3, 0]);
        let permille: Vec<u32> = shares.into_iter().map(Share::permille).collect();
        assert_eq!(permille, [250, 750, 0]);
    }
}
