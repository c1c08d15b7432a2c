//! Steps: one change of one object each.

use std::net::IpAddr;

use crate::back::ipset::{Entry, SetHeader, SetName};
use crate::back::iptables::{ChainName, Rule, SavedRule, TableName};
use crate::back::ipvs::{VirtualServer, VirtualServerKey};
use crate::back::sysctl::SysctlKey;
use crate::model::{IpFamily, Port, Protocol, Timeouts};
use crate::source::Origin;

/// How an object changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta<T> {
    /// It comes.
    Add(T),
    /// It is set in place.
    Change {
        /// What it is.
        from: T,
        /// What it becomes.
        to: T,
    },
    /// It goes.
    Remove(T),
}

impl<T> Delta<T> {
    /// The way from one state to the other; `None` where they are equal.
    pub fn between(from: Option<T>, to: Option<T>) -> Option<Self>
    where
        T: PartialEq,
    {
        match (from, to) {
            (None, None) => None,
            (None, Some(to)) => Some(Self::Add(to)),
            (Some(from), None) => Some(Self::Remove(from)),
            (Some(from), Some(to)) if from == to => None,
            (Some(from), Some(to)) => Some(Self::Change { from, to }),
        }
    }

    /// What the object is before.
    pub fn before(&self) -> Option<&T> {
        match self {
            Self::Add(_) => None,
            Self::Change { from, .. } => Some(from),
            Self::Remove(value) => Some(value),
        }
    }

    /// What it is after.
    pub fn after(&self) -> Option<&T> {
        match self {
            Self::Add(value) => Some(value),
            Self::Change { to, .. } => Some(to),
            Self::Remove(_) => None,
        }
    }

    /// The way back.
    #[must_use]
    pub fn inverse(&self) -> Self
    where
        T: Clone,
    {
        match self {
            Self::Add(value) => Self::Remove(value.clone()),
            Self::Change { from, to } => Self::Change {
                from: to.clone(),
                to: from.clone(),
            },
            Self::Remove(value) => Self::Add(value.clone()),
        }
    }
}

/// Which chain, of which family and table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleChain {
    /// Family.
    pub family: IpFamily,
    /// Table.
    pub table: TableName,
    /// Chain.
    pub chain: ChainName,
}

/// A rule and its place in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePosition {
    /// Number of the rule from the top, from 1, at the moment of the step.
    pub number: usize,
    /// The rule.
    pub rule: Rule,
}

/// A destination, by the virtual server it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DestinationKey {
    /// The virtual server.
    pub server: VirtualServerKey,
    /// Address.
    pub address: IpAddr,
    /// Port.
    pub port: Port,
}

/// What a step changes, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A kernel setting. One whose value was unknown is added.
    Sysctl(SysctlKey, Delta<u32>),
    /// IPVS timeouts. Unknown ones are added.
    Timeouts(Delta<Timeouts>),
    /// kube-ipvs0, without addresses.
    Dummy(Delta<()>),
    /// An address of kube-ipvs0.
    Address(IpAddr, Delta<()>),
    /// A set, without entries.
    Set(SetName, Delta<SetHeader>),
    /// An entry of a set.
    Entry(SetName, Entry, Delta<()>),
    /// A chain with all its rules.
    Chain(RuleChain, Delta<Vec<SavedRule>>),
    /// A rule in one of the kernel's own chains that leads into a chain of ours.
    Jump(RuleChain, Delta<RulePosition>),
    /// A virtual server; one that comes or goes does so with its destinations, and one that is set
    /// in place keeps them.
    Server(VirtualServerKey, Delta<VirtualServer>),
    /// A destination's weight.
    Destination(DestinationKey, Delta<u32>),
}

impl Subject {
    fn inverse(&self) -> Self {
        match self {
            Self::Sysctl(key, delta) => Self::Sysctl(*key, delta.inverse()),
            Self::Timeouts(delta) => Self::Timeouts(delta.inverse()),
            Self::Dummy(delta) => Self::Dummy(delta.inverse()),
            Self::Address(address, delta) => Self::Address(*address, delta.inverse()),
            Self::Set(name, delta) => Self::Set(name.clone(), delta.inverse()),
            Self::Entry(set, entry, delta) => Self::Entry(set.clone(), *entry, delta.inverse()),
            Self::Chain(chain, delta) => Self::Chain(chain.clone(), delta.inverse()),
            Self::Jump(chain, delta) => Self::Jump(chain.clone(), delta.inverse()),
            Self::Server(key, delta) => Self::Server(*key, delta.inverse()),
            Self::Destination(key, delta) => Self::Destination(*key, delta.inverse()),
        }
    }
}

/// When a step is taken; see the order of [`crate::plan::order`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Adds what nobody sees yet, or changes what may be changed back.
    Prepare,
    /// Makes the new state visible.
    Switch,
    /// Takes the old state away; connections that it carried end here.
    Clean,
}

/// Whether a step's effect lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// It does.
    Lasting,
    /// It only eases the way: a later step takes the object away for good.
    Transitional,
}

/// What a step does to connections that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interruption {
    /// Nothing.
    None,
    /// Those it carries end.
    Connections(Protocol),
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub phase: Phase,
    /// What, and how.
    pub subject: Subject,
    /// Whether it lasts.
    pub durability: Durability,
    /// What it costs.
    pub interruption: Interruption,
    /// Where the wanted object comes from; nothing for what goes.
    pub origins: Vec<Origin>,
}

impl Step {
    /// The step that undoes this one.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self {
            subject: self.subject.inverse(),
            ..self.clone()
        }
    }
}
