//! One change, as far as users notice it.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::diff::declared::{Aspect, Declared};
use crate::diff::treatment::{Client, Met, Treatment};
use crate::diff::{Balancing, Listener, ListenerKind, ModeDifference, Owner, SourceRanges};
use crate::kernel::ipvs::Persistence;
use crate::model::Mode;
use crate::model::service::TrafficPolicy;

/// What changes, and at which of a port's listeners.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What changes, with what it was and what it is.
    pub facet: Facet,
    /// At which listeners.
    pub at: At,
}

/// Where a change shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// Wherever the port is reachable before and after.
    Everywhere,
    /// At these of its listeners only.
    Some(Vec<(Listener, Vec<ListenerKind>)>),
}

/// Whether something comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// On the new side alone.
    Comes,
    /// On the old side alone.
    Goes,
}

/// Whom addresses are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Clients outside of the cluster too, at one of them at least, or nobody knows what they are for.
    Everyone,
    /// Clients in the cluster: all are cluster IPs.
    Cluster,
}

impl Audience {
    pub(super) fn of(listeners: &[(Listener, Vec<ListenerKind>)]) -> Self {
        if listeners
            .iter()
            .all(|(_, kinds)| **kinds == [ListenerKind::ClusterIp])
        {
            Self::Cluster
        } else {
            Self::Everyone
        }
    }
}

/// What makes a port reachable, or lets it be so no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It is served, or nothing serves it.
    Serving,
    /// A virtual server is there before and after, and kube-ipvs0 has its address on one side alone.
    Address,
}

/// What changes. Ordered as it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// Manifests declare it otherwise, or declare what nodes do not serve yet.
    Declared(Declared),
    /// What was another Service's, or another port's, is this one's now, and clients go on reaching it.
    Owner {
        /// Whose it was.
        from: Owner,
    },
    /// Clients reach the port, or do so no longer.
    Reachable {
        /// Which of the two.
        fate: Fate,
        /// Who answers there: after it came, or before it went.
        endpoints: BTreeSet<SocketAddr>,
        /// Who may connect.
        sources: SourceRanges,
        /// What makes it so.
        by: Cause,
    },
    /// Load balancers are told of the node's endpoints, or no longer.
    HealthCheck(Fate),
    /// An address is something else to its Service.
    Kinds {
        /// What it was to its Service.
        from: Vec<ListenerKind>,
        /// What it is to its Service.
        to: Vec<ListenerKind>,
    },
    /// A node port is served at other addresses of the node.
    Addresses {
        /// Those that come.
        gained: BTreeSet<IpAddr>,
        /// Those that go.
        lost: BTreeSet<IpAddr>,
    },
    /// Other clients may connect.
    Sources {
        /// Who might connect.
        from: SourceRanges,
        /// Who may connect.
        to: SourceRanges,
    },
    /// Other endpoints answer.
    Endpoints {
        /// Those that come.
        gained: BTreeSet<SocketAddr>,
        /// Those that go.
        lost: BTreeSet<SocketAddr>,
        /// How many there were.
        before: usize,
    },
    /// Clients meet something else: an answer, a refusal, silence.
    Treatment {
        /// Whom the addresses are for.
        audience: Audience,
        /// Whom it concerns: kinds of clients that meet the same.
        clients: Vec<Client>,
        /// What they met.
        from: Treatment,
        /// What they meet.
        to: Treatment,
    },
    /// Endpoints that stay get another share, or are drained with weight 0: each with the weight before
    /// and after.
    Weights(Vec<(SocketAddr, u32, u32)>),
    /// Clients keep their endpoint in another way.
    Affinity {
        /// Whether a client stayed at its endpoint, and how long.
        from: Persistence,
        /// Whether a client stays at its endpoint, and how long.
        to: Persistence,
    },
    /// Other endpoints may be chosen.
    Policy {
        /// From which endpoints was chosen.
        from: TrafficPolicy,
        /// From which endpoints is chosen.
        to: TrafficPolicy,
    },
    /// Another mode does something in a way of its own.
    ModeDifference {
        /// What the two modes do in different ways.
        mode_difference: ModeDifference,
        /// The mode before.
        from: Mode,
        /// The mode after.
        to: Mode,
    },
    /// Endpoints are chosen in another way.
    Scheduler {
        /// How endpoints were chosen.
        from: Balancing,
        /// How endpoints are chosen.
        to: Balancing,
    },
}

impl Facet {
    /// Whether open connections end, or new ones are refused, that were not before.
    pub fn disrupts(&self) -> bool {
        match self {
            Self::Reachable { fate, .. } => *fate == Fate::Goes,
            Self::Addresses { lost, .. } => !lost.is_empty(),
            Self::Endpoints { lost, .. } => !lost.is_empty(),
            Self::Sources { from, to } => !from.within(to),
            Self::Treatment { .. } if self.is_beside() => false,
            Self::Treatment { from, to, .. } => {
                let answers = |met: &Met| matches!(met, Met::Answer { .. });
                let may_answer = |met: &Met| answers(met) || *met == Met::AnswerUnlessElsewhere;
                from.iter().any(may_answer)
                    && to.iter().any(|met| !answers(met) && !from.contains(met))
            }
            Self::ModeDifference {
                mode_difference,
                from,
                to,
            } => mode_difference.takes_away(*from, *to),
            Self::Declared(declared) => {
                declared.to.is_none() && matches!(declared.aspect, Aspect::Service | Aspect::Port)
            }
            Self::Owner { .. }
            | Self::HealthCheck(_)
            | Self::Kinds { .. }
            | Self::Weights(_)
            | Self::Affinity { .. }
            | Self::Policy { .. }
            | Self::Scheduler { .. } => false,
        }
    }

    /// Whether it is only about clients outside of the cluster at addresses that are not for them.
    pub fn is_beside(&self) -> bool {
        match self {
            Self::Treatment {
                audience: Audience::Cluster,
                clients,
                ..
            } => clients.iter().all(|client| client.is_outside()),
            _ => false,
        }
    }

    /// Whether nobody answers any more.
    pub fn silences(&self) -> bool {
        match self {
            Self::Reachable { fate, .. } => *fate == Fate::Goes,
            Self::Endpoints {
                gained,
                lost,
                before,
            } => gained.is_empty() && lost.len() == *before,
            _ => false,
        }
    }
}

impl SourceRanges {
    /// Whether everyone who may connect here may do so there, as far as single ranges tell.
    fn within(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Everyone) => true,
            (Self::Everyone, Self::Only(_)) => false,
            (Self::Only(from), Self::Only(to)) => from.iter().all(|range| {
                let wider = std::iter::successors(Some(*range), IpNet::supernet);
                wider.into_iter().any(|range| to.contains(&range))
            }),
        }
    }
}
