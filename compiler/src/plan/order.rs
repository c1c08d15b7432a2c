//! Ordering constraints, and where each step stands in them.
//!
//! Steps fall into ranks that barriers part: every step of a rank comes before the barrier, and the
//! barrier before every step of the next. That is linear in the number of steps where edges between
//! single steps would not be. Chains, of which there are few, have edges of their own as well.

use super::{Delta, Durability, Op, Phase, Step, Subject};
use crate::kernel::ipset::SetName;
use crate::mode::ipvs::sets::KubeSet;

/// Why what comes after waits for what comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// Settings such as `net.ipv4.vs.conntrack` count from the first packet on.
    SettingsBeforeTraffic,
    /// What has one of our names and is none of ours goes before ours comes.
    OtherBeforeOurs,
    /// A rule may only name a set that exists.
    SetBeforeRule,
    /// A restriction's exceptions come before the restriction, and go after it: nobody is shut out
    /// on the way.
    ExceptionBeforeRestriction,
    /// Masquerading is in place before packets are sent to other nodes, and until they no longer
    /// are.
    MasqueradeBeforeServers,
    /// A jump may only lead into a chain that exists.
    ChainBeforeJump,
    /// Guards and filters are in place before anything is balanced.
    GuardBeforeServers,
    /// An address that has no virtual server exposes the node's own ports.
    ServerBeforeAddress,
    /// An endpoint's successor takes connections before the endpoint stops.
    NewDestinationBeforeOld,
    /// What is to go takes no new connections before it goes.
    DrainBeforeRemoval,
    /// New connections are refused before a virtual server goes: without it they would reach the
    /// node's own ports.
    RefuseBeforeServerGoes,
    /// A virtual server goes before its address: a packet in between is refused, not routed away.
    ServerBeforeItsAddressGoes,
    /// Guards stay until nothing is left to guard.
    GuardLast,
    /// A chain can go when no jump leads into it.
    JumpBeforeChainGoes,
    /// A set can go when no rule names it.
    RuleBeforeSetGoes,
    /// UDP flows are forgotten once everything is in place: earlier, they would come back as they
    /// were.
    FlushLast,
}

/// A step and its place among the constraints.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) rank: Rank,
    pub(super) step: Step,
}

macro_rules! ranks {
    ($($(#[$doc:meta])* $name:ident, $phase:ident, $constraint:ident;)*) => {
        /// A step's place among the constraints.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Rank {
            $($(#[$doc])* $name,)*
        }

        impl Rank {
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The phase its steps belong to.
            pub(super) fn phase(self) -> Phase {
                match self {
                    $(Self::$name => Phase::$phase,)*
                }
            }

            /// Why what follows this rank waits for it.
            pub(super) fn constraint(self) -> Constraint {
                match self {
                    $(Self::$name => Constraint::$constraint,)*
                }
            }
        }
    };
}

ranks! {
    /// Settings, timeouts and the interface come.
    Settings, Prepare, SettingsBeforeTraffic;
    /// Rules let go of sets that are to be replaced.
    Release, Prepare, RuleBeforeSetGoes;
    /// Sets that have our names and are none of ours go.
    OtherSets, Prepare, OtherBeforeOurs;
    /// Sets come, empty.
    Sets, Prepare, SetBeforeRule;
    /// Exceptions come: allowed sources, policies that keep the sender's address.
    Exceptions, Prepare, ExceptionBeforeRestriction;
    /// Policies that keep the sender's address go.
    OldUnmasked, Prepare, MasqueradeBeforeServers;
    /// Entries that masquerade or allow come.
    Entries, Prepare, SetBeforeRule;
    /// Chains come and get the rules they lack.
    Chains, Switch, ChainBeforeJump;
    /// Jumps come.
    Jumps, Switch, ExceptionBeforeRestriction;
    /// Entries that restrict or refuse come.
    Restrictions, Switch, GuardBeforeServers;
    /// Virtual servers that have keys of ours and are none of ours go.
    OtherServers, Switch, OtherBeforeOurs;
    /// Virtual servers and destinations come and change.
    Servers, Switch, ServerBeforeAddress;
    /// Entries come that allow what a guard refused until now.
    Allowed, Switch, ServerBeforeAddress;
    /// Addresses come.
    Addresses, Switch, NewDestinationBeforeOld;
    /// Destinations drain.
    Drains, Clean, DrainBeforeRemoval;
    /// Policies that keep the sender's address come where destinations on other nodes drain.
    Unmasked, Clean, MasqueradeBeforeServers;
    /// Entries that allow go.
    OldAllowed, Clean, RefuseBeforeServerGoes;
    /// Virtual servers and destinations go.
    OldServers, Clean, ServerBeforeItsAddressGoes;
    /// Addresses go.
    OldAddresses, Clean, GuardLast;
    /// Entries that restrict or refuse go.
    OldRestrictions, Clean, ExceptionBeforeRestriction;
    /// Jumps go.
    OldJumps, Clean, JumpBeforeChainGoes;
    /// Chains lose the rules they should not have.
    OldRules, Clean, JumpBeforeChainGoes;
    /// Chains go.
    OldChains, Clean, RuleBeforeSetGoes;
    /// Entries that masquerade, and exceptions, go.
    OldEntries, Clean, ExceptionBeforeRestriction;
    /// Sets go.
    OldSets, Clean, RuleBeforeSetGoes;
    /// The interface goes.
    OldSettings, Clean, FlushLast;
    /// UDP flows are forgotten.
    Flushes, Clean, FlushLast;
}

impl Rank {
    /// The rank of a step, where the subject alone says it.
    pub(super) fn of(subject: &Subject, durability: Durability) -> Self {
        match subject {
            Subject::Sysctl(..) | Subject::Timeouts(_) => Self::Settings,
            Subject::Dummy(delta) => by(delta, Self::Settings, Self::OldSettings),
            Subject::Address(_, delta) => by(delta, Self::Addresses, Self::OldAddresses),
            Subject::Set(_, delta) => by(delta, Self::Sets, Self::OldSets),
            Subject::OtherSet(..) => Self::OtherSets,
            Subject::Entry(set, _, delta) => Self::of_entry(role(set), delta),
            Subject::Chain(_, delta) => by(delta, Self::Chains, Self::OldChains),
            Subject::Jump(_, delta) => by(delta, Self::Jumps, Self::OldJumps),
            Subject::Destination(_, Delta::Change { to: 0, .. }) => Self::Drains,
            _ if durability == Durability::Transitional
                && !matches!(subject, Subject::Flows(..) | Subject::Affinity(..)) =>
            {
                Self::Drains
            }
            Subject::Server(_, delta) => by(delta, Self::Servers, Self::OldServers),
            Subject::OtherServer(_, delta) => by(delta, Self::Servers, Self::OldServers),
            Subject::Destination(_, delta) => by(delta, Self::Servers, Self::OldServers),
            Subject::Table(_, change) => match change.op() {
                Op::Remove => Self::OldServers,
                Op::Add | Op::Change | Op::Flush => Self::Servers,
            },
            Subject::KubeProxyTable(_, delta) => by(delta, Self::Servers, Self::OldServers),
            Subject::Affinity(..) | Subject::Flows(..) => Self::Flushes,
        }
    }

    /// The rank of an entry of a set whose role is known.
    pub(super) fn of_entry(role: Role, delta: &Delta<()>) -> Self {
        let (comes, goes) = match role {
            Role::Exception => (Self::Exceptions, Self::OldEntries),
            Role::Unmasked => (Self::Exceptions, Self::OldUnmasked),
            Role::Allowed => (Self::Entries, Self::OldAllowed),
            Role::Restriction => (Self::Restrictions, Self::OldRestrictions),
            Role::Other => (Self::Entries, Self::OldEntries),
        };
        by(delta, comes, goes)
    }
}

fn by<T>(delta: &Delta<T>, come: Rank, go: Rank) -> Rank {
    match delta {
        Delta::Add(_) | Delta::Change { .. } => come,
        Delta::Remove(_) => go,
    }
}

/// What a set's entries do to packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// They let packets through that a restriction would stop.
    Exception,
    /// They keep the sender's address of packets that would be masqueraded otherwise.
    Unmasked,
    /// They keep packets from being refused, and some masquerade them.
    Allowed,
    /// They stop packets that no exception lets through, and refuse those that nothing allows.
    Restriction,
    /// They masquerade.
    Other,
}

/// What the entries of one of our sets do.
pub(super) fn role(name: &SetName) -> Role {
    match KubeSet::named(name.as_str()) {
        Some(KubeSet::LoadBalancerSourceCidr | KubeSet::LoadBalancerSourceIp) => Role::Exception,
        Some(
            KubeSet::LoadBalancerLocal
            | KubeSet::NodePortLocalTcp
            | KubeSet::NodePortLocalUdp
            | KubeSet::NodePortLocalSctp,
        ) => Role::Unmasked,
        Some(
            KubeSet::ClusterIp
            | KubeSet::ExternalIp
            | KubeSet::ExternalIpLocal
            | KubeSet::LoadBalancer,
        ) => Role::Allowed,
        Some(KubeSet::LoadBalancerFw | KubeSet::IpvsIps) => Role::Restriction,
        _ => Role::Other,
    }
}
