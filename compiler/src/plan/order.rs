//! Ordering constraints, and where each step stands in them.
//!
//! Steps fall into ranks that barriers part: every step of a rank comes before the barrier, and the
//! barrier before every step of the next. That is linear in the number of steps where edges between
//! single steps would not be. Chains, of which there are few, have edges of their own as well.

use super::{Delta, Phase, Step};

/// Why what comes after waits for what comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// Settings such as `net.ipv4.vs.conntrack` count from the first packet on.
    SettingsBeforeTraffic,
    /// What has one of our names and is none of ours goes before ours comes.
    ForeignBeforeOurs,
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
    ForeignSets, Prepare, ForeignBeforeOurs;
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
    /// Jumps into our chains come.
    Jumps, Switch, ExceptionBeforeRestriction;
    /// Entries that restrict or refuse come.
    Restrictions, Switch, GuardBeforeServers;
    /// Virtual servers that have keys of ours and are none of ours go.
    ForeignServers, Switch, ForeignBeforeOurs;
    /// Virtual servers and destinations come and change.
    Servers, Switch, ServerBeforeAddress;
    /// Entries come that allow what a guard refused until now.
    Allowed, Switch, ServerBeforeAddress;
    /// Addresses of kube-ipvs0 come.
    Addresses, Switch, NewDestinationBeforeOld;
    /// Destinations get weight 0: they take no new connections.
    Drains, Clean, DrainBeforeRemoval;
    /// Policies that keep the sender's address come where destinations on other nodes drain.
    Unmasked, Clean, MasqueradeBeforeServers;
    /// Entries that allow go.
    OldAllowed, Clean, RefuseBeforeServerGoes;
    /// Virtual servers and destinations go.
    OldServers, Clean, ServerBeforeItsAddressGoes;
    /// Addresses of kube-ipvs0 go.
    OldAddresses, Clean, GuardLast;
    /// Entries that restrict or refuse go.
    OldRestrictions, Clean, ExceptionBeforeRestriction;
    /// Jumps into our chains go.
    OldJumps, Clean, JumpBeforeChainGoes;
    /// Chains lose the rules they should not have.
    OldRules, Clean, JumpBeforeChainGoes;
    /// Chains that nothing leads into any more go.
    OldChains, Clean, RuleBeforeSetGoes;
    /// Entries that masquerade, and exceptions, go.
    OldEntries, Clean, ExceptionBeforeRestriction;
    /// Sets that no rule names any more go.
    OldSets, Clean, RuleBeforeSetGoes;
    /// The interface goes.
    OldSettings, Clean, FlushLast;
    /// UDP flows are forgotten.
    Flushes, Clean, FlushLast;
}

/// Of an object that comes, or is set in place, at one rank and goes at another.
pub(super) fn by<T>(delta: &Delta<T>, come: Rank, go: Rank) -> Rank {
    match delta {
        Delta::Add(_) | Delta::Change { .. } => come,
        Delta::Remove(_) => go,
    }
}
