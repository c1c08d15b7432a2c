//! Sets and their entries.

mod batch;
mod encoding;
mod fake;
mod reading;
mod text;

pub(crate) use batch::script;

use serde_json::{Map, Value};

use super::Change;
use super::reading::{Reading, StepState};
use crate::kernel::ipset::{Entry, SetHeader, SetName};
use crate::mode::ipvs::sets::KubeSet;
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::order::{Rank, by};
use crate::plan::render::{Heading, Services};
use crate::plan::{Delta, Durability, End, Lines, Op};

/// A change of a set, or of an entry of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IpsetChange {
    /// A set, without entries.
    Set(SetName, Delta<SetHeader>),
    /// A set with one of our names that is none of ours, with its entries.
    ForeignSet(SetName, Delta<Lines>),
    /// An entry of a set.
    Entry(SetName, Entry, Delta<()>),
}

/// A set or an entry.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Object {
    Set(SetName),
    ForeignSet(SetName),
    Entry(SetName, Entry),
}

impl IpsetChange {
    /// The set that it is about.
    pub(in crate::plan) fn set(&self) -> &SetName {
        match self {
            Self::Set(name, _) | Self::ForeignSet(name, _) | Self::Entry(name, ..) => name,
        }
    }
}

impl Change for IpsetChange {
    type Object = Object;

    fn op(&self) -> Op {
        match self {
            Self::Set(_, delta) => delta.op(),
            Self::ForeignSet(_, delta) => delta.op(),
            Self::Entry(_, _, delta) => delta.op(),
        }
    }

    fn inverse(&self) -> Self {
        match self {
            Self::Set(name, delta) => Self::Set(name.clone(), delta.inverse()),
            Self::ForeignSet(name, delta) => Self::ForeignSet(name.clone(), delta.inverse()),
            Self::Entry(set, entry, delta) => Self::Entry(set.clone(), *entry, delta.inverse()),
        }
    }

    fn object(&self) -> Option<Object> {
        Some(match self {
            Self::Set(name, _) => Object::Set(name.clone()),
            Self::ForeignSet(name, _) => Object::ForeignSet(name.clone()),
            Self::Entry(set, entry, _) => Object::Entry(set.clone(), *entry),
        })
    }

    fn rank(&self, _: Durability) -> Rank {
        match self {
            Self::Set(_, delta) => by(delta, Rank::Sets, Rank::OldSets),
            Self::ForeignSet(..) => Rank::ForeignSets,
            Self::Entry(set, _, delta) => role(set).rank(delta),
        }
    }

    fn step_state(&self, node: &Reading<'_>) -> StepState {
        reading::step_state(self, node)
    }

    fn towards(&self, node: &Reading<'_>, end: End) -> Vec<Self> {
        reading::towards(self, node, end)
    }

    fn execute(&self, node: &mut Observed) -> Result<(), Refused> {
        match self {
            Self::Set(name, delta) => fake::set(node, name, delta),
            Self::ForeignSet(name, delta) => fake::foreign_set(node, name, delta),
            Self::Entry(set, entry, delta) => fake::entry(&mut node.ipset, set, *entry, delta),
        }
    }

    fn heading(&self, services: &Services) -> Heading {
        match self {
            Self::Set(..) | Self::ForeignSet(..) => Heading::Node,
            Self::Entry(_, entry, _) => services.entry(*entry),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Set(name, _) | Self::ForeignSet(name, _) => format!("ipset {name}"),
            Self::Entry(set, entry, _) => format!("entry {entry} of ipset {set}"),
        }
    }

    fn line(&self) -> (&'static str, String) {
        match self {
            Self::Set(name, _) => ("ipset", format!("ipset {name}")),
            Self::ForeignSet(name, delta) => ("ipset", text::foreign_set(name, delta)),
            Self::Entry(set, entry, _) => ("entry", format!("ipset {set} {entry}")),
        }
    }

    fn encode(&self) -> Map<String, Value> {
        encoding::encode(self)
    }

    fn decode(kind: &str, value: &Value) -> Result<Self, &'static str> {
        encoding::decode(kind, value)
    }
}

/// What a set's entries do to packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Role {
    /// They let packets through that a restriction would stop.
    Exception,
    /// They keep the sender's address of packets that would be masqueraded otherwise.
    Unmasked,
    /// They keep packets from being refused, and some masquerade them.
    Allowed,
    /// They stop packets that no exception lets through, and refuse those that nothing allows.
    Restriction,
    /// They decide who is masqueraded, and nothing else.
    Other,
}

impl Role {
    /// The rank of an entry of such a set.
    pub(in crate::plan) fn rank(self, delta: &Delta<()>) -> Rank {
        let (comes, goes) = match self {
            Self::Exception => (Rank::Exceptions, Rank::OldEntries),
            Self::Unmasked => (Rank::Exceptions, Rank::OldUnmasked),
            Self::Allowed => (Rank::Entries, Rank::OldAllowed),
            Self::Restriction => (Rank::Restrictions, Rank::OldRestrictions),
            Self::Other => (Rank::Entries, Rank::OldEntries),
        };
        by(delta, comes, goes)
    }
}

/// What the entries of one of our sets do.
pub(in crate::plan) fn role(name: &SetName) -> Role {
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
