//! Steps: one change of one object each.

use std::net::IpAddr;

use super::{FlowEnd, Subject};
use crate::kernel::ipset::TEMPORARY_SET;
use crate::kernel::ipvs::Connections;
use crate::mode::ipvs::sets::KubeSet;
use crate::model::{Port, Protocol};
use crate::source::Origins;

/// How an object changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta<T> {
    /// It comes: what it is to be.
    Add(T),
    /// It is set in place.
    Change {
        /// What it is.
        from: T,
        /// What it becomes.
        to: T,
    },
    /// It goes: what it is.
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

/// Objects of a kind that portolan never makes, in the words of the tool that lists them.
pub type Lines = Vec<Box<str>>;

/// Which UDP flows to a listener are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flows {
    /// All of them, whatever their destination.
    All,
    /// Those to one destination.
    To(IpAddr, Port),
}

closed_set! {
    /// What happens to the object.
    pub enum Op {
        /// The object comes.
        Add = "add",
        /// It is set in place.
        Change = "change",
        /// The object goes.
        Remove = "remove",
        /// What the kernel remembers of it is dropped; the object stays what it is.
        Flush = "flush",
    }
}

closed_set! {
    /// When a step is taken.
    pub enum Phase {
        /// Adds what nobody sees yet, or changes what may be changed back.
        Prepare = "prepare",
        /// Makes the new state visible.
        Switch = "switch",
        /// Takes the old state away; connections that it carried end here.
        Clean = "clean",
    }
}

/// Whether a step's effect lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// What it does is part of the state that is asked for.
    Lasting,
    /// It only eases the way: the state is the same in the end without it.
    Transitional,
}

/// What a step does to connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interruption {
    /// Connections go on as before.
    None,
    /// Those that the object carries end.
    Connections {
        /// Transport protocol of the connections.
        protocol: Protocol,
        /// How many, where they were counted.
        count: Option<u64>,
    },
    /// UDP flows are forgotten.
    Flows(FlowEnd),
    /// Until the rules are back, new connections are neither masqueraded nor filtered as they were.
    Unguarded,
}

/// One change of one object in the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whether it is taken before, at or after the moment when traffic moves.
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

    /// Whether it changes what has one of our names, or leads into that. Steps that portolan plans do, and
    /// none that does not is carried out, wherever it comes from.
    pub fn is_ours(&self) -> bool {
        match &self.subject {
            Subject::Iptables(change) => change.is_ours(),
            Subject::Ipset(change) => {
                let name = change.set().as_str();
                // An exchange that was cut off leaves its other set behind.
                KubeSet::named(name).is_some() || name.starts_with(TEMPORARY_SET)
            }
            // These name nothing else by their types: settings and tables of ours, kube-ipvs0, virtual
            // servers, which have no names, and what the kernel remembers.
            Subject::Sysctl(_)
            | Subject::Dummy(_)
            | Subject::Ipvs(_)
            | Subject::Nftables(_)
            | Subject::Conntrack(_) => true,
        }
    }

    pub(super) fn count_connections(&mut self, counts: &Connections) {
        let Interruption::Connections { count, .. } = &mut self.interruption else {
            return;
        };
        *count = match &self.subject {
            Subject::Ipvs(change) => change.ends(counts),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ipvs;
    use crate::kernel::ipvs::{DestinationKey, VirtualServer};
    use crate::plan::IpvsChange;

    #[test]
    fn connections_are_only_counted_where_all_are_known() {
        let text = "-A -t 10.96.0.1:80 -s rr\n-a -t 10.96.0.1:80 -r 10.0.0.5:8080 -m -w 1\n\
                    -a -t 10.96.0.1:80 -r 10.0.0.6:8080 -m -w 1\n-A -t 10.96.0.2:80 -s rr\n";
        let servers = ipvs::read(text).unwrap().servers;
        let count = |server: &VirtualServer, counts: &[u64]| {
            let mut step = Step {
                phase: Phase::Clean,
                subject: IpvsChange::Server(server.key, Delta::Remove(server.clone())).into(),
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
