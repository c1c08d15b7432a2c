//! Steps: one change of one object each.

use std::fmt;
use std::net::IpAddr;

use crate::kernel::Listener;
use crate::kernel::ipset::{Entry, SetHeader, SetName};
use crate::kernel::iptables::{ChainName, Rule, SavedRule, TableName};
use crate::kernel::ipvs::{Connections, DestinationKey, VirtualServer, VirtualServerKey};
use crate::kernel::nftables::{Elements, KubeProxyTable, Memory, Table};
use crate::kernel::sysctl::SysctlKey;
use crate::model::{IpFamily, Port, Protocol, Timeouts};
use crate::source::Origins;

use super::FlowEnd;

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

    /// What happens, in a word.
    pub fn op(&self) -> Op {
        match self {
            Self::Add(_) => Op::Add,
            Self::Change { .. } => Op::Change,
            Self::Remove(_) => Op::Remove,
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

impl fmt::Display for RuleChain {
    /// `iptables nat KUBE-SERVICES`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = match self.family {
            IpFamily::V4 => "iptables",
            IpFamily::V6 => "ip6tables",
        };
        write!(f, "{program} {} {}", self.table.as_str(), self.chain)
    }
}

/// A rule and its place in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePosition {
    /// Number of the rule from the top, from 1, at the moment of the step.
    pub number: usize,
    /// The rule.
    pub rule: Rule,
}

/// Objects of a kind that portolan never makes, in the words of the tool that lists them.
pub type Lines = Vec<Box<str>>;

/// How the table of a family changes; either way it does so as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableChange {
    /// It comes, goes, or is made anew. What others put into it is lost.
    Whole(Delta<Box<Table>>),
    /// Elements of it come, go and change; the rest stays as it is.
    Part {
        /// Those that are there before, as they are then.
        from: Elements,
        /// Those that are there after, as they are then.
        to: Elements,
    },
}

impl TableChange {
    /// The way back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        match self {
            Self::Whole(delta) => Self::Whole(delta.inverse()),
            Self::Part { from, to } => Self::Part {
                from: to.clone(),
                to: from.clone(),
            },
        }
    }

    /// What happens to the table.
    pub fn op(&self) -> Op {
        match self {
            Self::Whole(delta) => delta.op(),
            Self::Part { .. } => Op::Change,
        }
    }
}

/// Which UDP flows to a listener are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flows {
    /// All.
    All,
    /// Those to one destination.
    To(IpAddr, Port),
}

/// What happens to the object, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    /// It comes.
    Add,
    /// It is set in place.
    Change,
    /// It goes.
    Remove,
    /// What the kernel remembers of it is dropped; the object stays what it is.
    Flush,
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
    /// A set with one of our names that is none of ours, with its entries.
    OtherSet(SetName, Delta<Lines>),
    /// An entry of a set.
    Entry(SetName, Entry, Delta<()>),
    /// A chain with all its rules.
    Chain(RuleChain, Delta<Vec<SavedRule>>),
    /// A rule in one of the kernel's own chains that leads into a chain of ours.
    Jump(RuleChain, Delta<RulePosition>),
    /// A virtual server; one that comes or goes does so with its destinations, and one that is set
    /// in place keeps them.
    Server(VirtualServerKey, Delta<VirtualServer>),
    /// A virtual server of a kind that portolan never makes, with its destinations, under a key
    /// that is wanted or claimed.
    OtherServer(VirtualServerKey, Delta<Lines>),
    /// A destination's weight.
    Destination(DestinationKey, Delta<u32>),
    /// The table of mode nftables of a family.
    Table(IpFamily, TableChange),
    /// kube-proxy's own table of mode nftables of a family: it goes where all is claimed, and comes back
    /// where that is undone.
    KubeProxyTable(IpFamily, Delta<KubeProxyTable>),
    /// Which endpoints the kernel remembers for clients of a Service port, in mode nftables: whoever comes
    /// back would be sent to one that is gone.
    Affinity(Memory, Flows),
    /// What the kernel remembers of UDP flows: a client that keeps sending would stay with a
    /// destination that is gone, or with none.
    Flows(Listener, Flows),
}

impl Subject {
    fn inverse(&self) -> Self {
        match self {
            Self::Sysctl(key, delta) => Self::Sysctl(*key, delta.inverse()),
            Self::Timeouts(delta) => Self::Timeouts(delta.inverse()),
            Self::Dummy(delta) => Self::Dummy(delta.inverse()),
            Self::Address(address, delta) => Self::Address(*address, delta.inverse()),
            Self::Set(name, delta) => Self::Set(name.clone(), delta.inverse()),
            Self::OtherSet(name, delta) => Self::OtherSet(name.clone(), delta.inverse()),
            Self::Entry(set, entry, delta) => Self::Entry(set.clone(), *entry, delta.inverse()),
            Self::Chain(chain, delta) => Self::Chain(chain.clone(), delta.inverse()),
            Self::Jump(chain, delta) => Self::Jump(chain.clone(), delta.inverse()),
            Self::Server(key, delta) => Self::Server(*key, delta.inverse()),
            Self::OtherServer(key, delta) => Self::OtherServer(*key, delta.inverse()),
            Self::Destination(key, delta) => Self::Destination(*key, delta.inverse()),
            Self::Table(family, change) => Self::Table(*family, change.inverse()),
            Self::KubeProxyTable(family, delta) => Self::KubeProxyTable(*family, delta.inverse()),
            Self::Affinity(key, flows) => Self::Affinity(*key, *flows),
            Self::Flows(key, flows) => Self::Flows(*key, *flows),
        }
    }

    /// What happens to the object.
    pub fn op(&self) -> Op {
        match self {
            Self::Sysctl(_, delta) => delta.op(),
            Self::Timeouts(delta) => delta.op(),
            Self::Dummy(delta) | Self::Address(_, delta) | Self::Entry(_, _, delta) => delta.op(),
            Self::Set(_, delta) => delta.op(),
            Self::OtherSet(_, delta) | Self::OtherServer(_, delta) => delta.op(),
            Self::Chain(_, delta) => delta.op(),
            Self::Jump(_, delta) => delta.op(),
            Self::Server(_, delta) => delta.op(),
            Self::Destination(_, delta) => delta.op(),
            Self::Table(_, change) => change.op(),
            Self::KubeProxyTable(_, delta) => delta.op(),
            Self::Affinity(..) | Self::Flows(..) => Op::Flush,
        }
    }
}

/// When a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Adds what nobody sees yet, or changes what may be changed back.
    Prepare,
    /// Makes the new state visible.
    Switch,
    /// Takes the old state away; connections that it carried end here.
    Clean,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Self; 3] = [Self::Prepare, Self::Switch, Self::Clean];
}

/// Whether a step's effect lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// It does.
    Lasting,
    /// It only eases the way: the state is the same in the end without it.
    Transitional,
}

/// What a step does to connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interruption {
    /// Nothing.
    None,
    /// Those that the object carries end.
    Connections {
        /// Their protocol.
        protocol: Protocol,
        /// How many, where they were counted.
        count: Option<u64>,
    },
    /// UDP flows are forgotten.
    Flows(FlowEnd),
    /// Until the rules are back, new connections are neither masqueraded nor filtered as they were.
    Unguarded,
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
    pub origins: Origins,
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

    pub(super) fn count_connections(&mut self, counts: &Connections) {
        let Interruption::Connections { count, .. } = &mut self.interruption else {
            return;
        };
        *count = match &self.subject {
            Subject::Destination(key, _) => counts.get(key).copied(),
            Subject::Server(server, delta) => {
                let destinations = delta.before().map(|has| &has.destinations);
                let key = |address, port| DestinationKey {
                    server: *server,
                    address,
                    port,
                };
                let known = destinations.into_iter().flatten();
                // Nothing is known of one without destinations: it may have had some.
                known
                    .map(|one| counts.get(&key(one.address, one.port)).copied())
                    .reduce(|sum, one| Some(sum? + one?))
                    .flatten()
            }
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ipvs;

    #[test]
    fn connections_are_only_counted_where_all_are_known() {
        let text = "-A -t 10.96.0.1:80 -s rr\n-a -t 10.96.0.1:80 -r 10.0.0.5:8080 -m -w 1\n\
                    -a -t 10.96.0.1:80 -r 10.0.0.6:8080 -m -w 1\n-A -t 10.96.0.2:80 -s rr\n";
        let servers = ipvs::read(text).unwrap().servers;
        let count = |server: &VirtualServer, counts: &[u64]| {
            let mut step = Step {
                phase: Phase::Clean,
                subject: Subject::Server(server.key, Delta::Remove(server.clone())),
                durability: Durability::Lasting,
                interruption: Interruption::Connections {
                    protocol: Protocol::Tcp,
                    count: None,
                },
                origins: Origins::new(),
            };
            let keys = server.destinations.iter().map(|one| DestinationKey {
                server: server.key,
                address: one.address,
                port: one.port,
            });
            step.count_connections(&keys.zip(counts.iter().copied()).collect());
            step.interruption
        };
        let ends = |count| Interruption::Connections {
            protocol: Protocol::Tcp,
            count,
        };
        assert_eq!(count(&servers[0], &[3, 4]), ends(Some(7)));
        assert_eq!(count(&servers[0], &[3]), ends(None));
        assert_eq!(count(&servers[0], &[]), ends(None));
        assert_eq!(count(&servers[1], &[]), ends(None));
    }
}
