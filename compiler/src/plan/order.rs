//! Ordering constraints, and where each step stands in them.
//!
//! Steps fall into ranks that barriers part: every step of a rank comes before the barrier, and the
//! barrier before every step of the next. That is linear in the number of steps where edges between
//! single steps would not be.

use super::{Delta, Phase, Step, Subject};
use crate::back::ipset::SetName;
use crate::back::ipvs::sets::KubeSet;
use crate::model::IpFamily;

/// Why a barrier keeps what comes after it from what comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// Settings such as `net.ipv4.vs.conntrack` count from the first packet on.
    SettingsBeforeTraffic,
    /// A rule may only name a set that exists.
    SetBeforeRule,
    /// A restriction's exceptions come before the restriction, and go after it: nobody is shut out
    /// on the way.
    ExceptionBeforeRestriction,
    /// A jump may only lead into a chain that exists.
    ChainBeforeJump,
    /// Masquerading and filtering are in place before anything is balanced.
    RulesBeforeServers,
    /// An endpoint's successor takes connections before the endpoint stops.
    NewDestinationBeforeOld,
    /// An address that has no virtual server exposes the node's own ports.
    ServerBeforeAddress,
    /// What is to go takes no new connections before it goes.
    DrainBeforeRemoval,
    /// A virtual server goes before its address: a packet in between is refused, not routed away.
    ServerBeforeItsAddressGoes,
    /// Guards stay until nothing is left to guard.
    GuardLast,
    /// A chain can go when no jump leads into it.
    JumpBeforeChainGoes,
    /// A set can go when no rule names it.
    RuleBeforeSetGoes,
}

/// A line that steps do not cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Barrier {
    /// Steps of this rank and below come before it.
    pub after: Rank,
    /// Why.
    pub constraint: Constraint,
}

/// A step's place among the constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Settings, timeouts and the interface come.
    Settings,
    /// Sets come, empty.
    Sets,
    /// Exceptions come: allowed sources, policies that keep the sender's address.
    Exceptions,
    /// All other entries come.
    Entries,
    /// Chains come and change.
    Chains,
    /// Jumps come.
    Jumps,
    /// Virtual servers and destinations come and change.
    Servers,
    /// Addresses come.
    Addresses,
    /// Restrictions go.
    Restrictions,
    /// Destinations drain.
    Drains,
    /// Virtual servers and destinations go.
    OldServers,
    /// Addresses go.
    OldAddresses,
    /// Jumps go.
    OldJumps,
    /// Chains go.
    OldChains,
    /// Entries go.
    OldEntries,
    /// Sets go.
    OldSets,
    /// The interface goes.
    OldSettings,
}

impl Rank {
    pub(super) const ALL: [Self; 17] = [
        Self::Settings,
        Self::Sets,
        Self::Exceptions,
        Self::Entries,
        Self::Chains,
        Self::Jumps,
        Self::Servers,
        Self::Addresses,
        Self::Restrictions,
        Self::Drains,
        Self::OldServers,
        Self::OldAddresses,
        Self::OldJumps,
        Self::OldChains,
        Self::OldEntries,
        Self::OldSets,
        Self::OldSettings,
    ];

    /// Why what follows this rank waits for it.
    pub(super) fn constraint(self) -> Constraint {
        match self {
            Self::Settings => Constraint::SettingsBeforeTraffic,
            Self::Sets => Constraint::SetBeforeRule,
            Self::Exceptions => Constraint::ExceptionBeforeRestriction,
            Self::Entries => Constraint::SetBeforeRule,
            Self::Chains => Constraint::ChainBeforeJump,
            Self::Jumps => Constraint::RulesBeforeServers,
            Self::Servers => Constraint::ServerBeforeAddress,
            Self::Addresses => Constraint::NewDestinationBeforeOld,
            Self::Restrictions => Constraint::ExceptionBeforeRestriction,
            Self::Drains => Constraint::DrainBeforeRemoval,
            Self::OldServers => Constraint::ServerBeforeItsAddressGoes,
            Self::OldAddresses => Constraint::GuardLast,
            Self::OldJumps => Constraint::JumpBeforeChainGoes,
            Self::OldChains => Constraint::RuleBeforeSetGoes,
            Self::OldEntries => Constraint::GuardLast,
            Self::OldSets => Constraint::RuleBeforeSetGoes,
            Self::OldSettings => Constraint::GuardLast,
        }
    }

    /// The phase its steps belong to.
    pub fn phase(self) -> Phase {
        match self {
            Self::Settings | Self::Sets | Self::Exceptions | Self::Entries => Phase::Prepare,
            Self::Chains | Self::Jumps | Self::Servers | Self::Addresses | Self::Restrictions => {
                Phase::Switch
            }
            _ => Phase::Clean,
        }
    }

    /// The rank of a step.
    pub fn of(subject: &Subject, transitional: super::Durability) -> Self {
        let transitional = transitional == super::Durability::Transitional;
        match subject {
            Subject::Sysctl(..) | Subject::Timeouts(_) => Self::Settings,
            Subject::Dummy(delta) => by(delta, Self::Settings, Self::OldSettings),
            Subject::Address(_, delta) => by(delta, Self::Addresses, Self::OldAddresses),
            Subject::Set(_, delta) => by(delta, Self::Sets, Self::OldSets),
            Subject::Entry(set, _, Delta::Remove(())) => {
                if is(set, is_restriction) {
                    Self::Restrictions
                } else {
                    Self::OldEntries
                }
            }
            Subject::Entry(set, _, _) => {
                if is(set, is_exception) {
                    Self::Exceptions
                } else {
                    Self::Entries
                }
            }
            Subject::Chain(_, delta) => by(delta, Self::Chains, Self::OldChains),
            Subject::Jump(_, delta) => by(delta, Self::Jumps, Self::OldJumps),
            Subject::Server(..) | Subject::Destination(..) if transitional => Self::Drains,
            Subject::Server(_, delta) => by(delta, Self::Servers, Self::OldServers),
            Subject::Destination(_, delta) => by(delta, Self::Servers, Self::OldServers),
        }
    }
}

fn by<T>(delta: &Delta<T>, come: Rank, go: Rank) -> Rank {
    match delta {
        Delta::Add(_) | Delta::Change { .. } => come,
        Delta::Remove(_) => go,
    }
}

fn is(name: &SetName, kind: impl Fn(KubeSet) -> bool) -> bool {
    KubeSet::ALL
        .into_iter()
        .filter(|set| kind(*set))
        .any(|set| {
            IpFamily::ALL
                .into_iter()
                .any(|family| set.name(family) == *name)
        })
}

/// Sets whose entries let packets through, or keep their sender's address, that another set's entry
/// would stop or change.
fn is_exception(set: KubeSet) -> bool {
    matches!(
        set,
        KubeSet::LoadBalancerSourceCidr
            | KubeSet::LoadBalancerSourceIp
            | KubeSet::LoadBalancerLocal
            | KubeSet::NodePortLocalTcp
            | KubeSet::NodePortLocalUdp
            | KubeSet::NodePortLocalSctp
    )
}

/// Sets whose entries stop packets that no exception lets through.
fn is_restriction(set: KubeSet) -> bool {
    matches!(set, KubeSet::LoadBalancerFw)
}

/// Gives a step its phase.
pub(super) fn with_phase(mut step: Step) -> Step {
    step.phase = Rank::of(&step.subject, step.durability).phase();
    step
}
