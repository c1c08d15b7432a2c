//! What a change of endpoints does to Services, beside which endpoints come and go.
//!
//! Shares are those of connections to a Service's cluster IP, if every node that is left opens as many:
//! each endpoint that a node uses is as likely as the others. Affinity and schedulers that look at load
//! move them.

mod lost;
mod port;
mod viewpoints;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::situation::Situation;
use super::then::Then;
use crate::diag::Findings;
use crate::diff::PortLabel;
use crate::lower;
pub use crate::lower::Scope;
use crate::model::name::{NodeName, Zone};
use crate::model::service::ServiceKey;
pub(super) use viewpoints::Viewpoints;

/// What a change of endpoints does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Impact {
    /// Services that nobody answers any more, or not at every port.
    pub lost: BTreeMap<ServiceKey, Loss>,
    /// Services whose traffic policy Local leaves nobody on some nodes.
    pub local: BTreeMap<ServiceKey, LocalLoss>,
    /// Services with traffic policy Local whose endpoints for clients from outside go with their nodes:
    /// nobody is there to be left without an answer.
    pub withdrawn: BTreeMap<ServiceKey, Withdrawal>,
    /// Services whose hints decide less.
    pub fallbacks: BTreeMap<ServiceKey, Vec<Fallback>>,
    /// Who gets which share, by Service and port.
    pub shares: Vec<PortShares>,
    /// The endpoint whose share grows the most.
    pub surge: Option<Surge>,
}

/// What nobody answers any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// The Service: none of its ports has an endpoint left.
    Whole,
    /// These of its ports.
    Ports(Vec<PortLabel>),
}

/// Nodes that are left, and have no endpoint any more of a Service with traffic policy Local.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalLoss {
    /// Where clients from outside are answered no more (`externalTrafficPolicy`).
    pub outside: BTreeSet<NodeName>,
    /// Nodes that go on answering them.
    pub left: BTreeSet<NodeName>,
    /// Where pods are answered no more (`internalTrafficPolicy`).
    pub inside: BTreeSet<NodeName>,
}

/// Nodes that are lost, with the endpoints that answered clients from outside there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withdrawal {
    /// Those that are lost.
    pub nodes: BTreeSet<NodeName>,
    /// Nodes that go on answering.
    pub left: BTreeSet<NodeName>,
}

/// Nodes on which hints decide less than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// Zone of the nodes; `None` for those without one.
    pub zone: Option<Zone>,
    /// How many nodes of the zone it happens on.
    pub nodes: usize,
    /// For whom endpoints were meant that they used.
    pub from: Scope,
    /// For whom those are meant that they will use.
    pub to: Scope,
}

/// Shares of the connections to one port.
#[derive(Debug, Clone, PartialEq)]
pub struct PortShares {
    /// The Service that the connections are to.
    pub service: ServiceKey,
    /// The port of it.
    pub port: PortLabel,
    /// By zone of the endpoints; `None` for those without one.
    pub zones: Vec<Share<Option<Zone>>>,
    /// By their node; `None` for those on none that is known.
    pub nodes: Vec<Share<Option<NodeName>>>,
    /// Of each endpoint that gets some before or after.
    pub endpoints: Vec<Share<SocketAddr>>,
    /// Of connections that nobody answers.
    pub unanswered: Share<()>,
}

/// A share before and after; both are between 0 and 1, and `None` for what is not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Share<Of> {
    /// Who gets the share.
    pub of: Of,
    /// The share before; `None` where nobody was there to get one.
    pub before: Option<f64>,
    /// The share after; `None` where nobody is left to get one.
    pub after: Option<f64>,
}

/// An endpoint that gets more connections.
#[derive(Debug, Clone, PartialEq)]
pub struct Surge {
    /// The Service whose clients it serves.
    pub service: ServiceKey,
    /// The port of the Service that the connections are to.
    pub port: PortLabel,
    /// Address and port of the endpoint.
    pub endpoint: SocketAddr,
    /// Its share of the connections before.
    pub before: f64,
    /// Its share of the connections after.
    pub after: f64,
    /// How many times as many connections it gets.
    pub times: f64,
}

/// How much of an impact is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    Shares,
    /// All but the shares.
    Row,
}

impl Then {
    /// What it does to Services.
    pub fn impact(&self, situation: &Situation<'_>) -> Impact {
        self.impact_in(situation, &Viewpoints::new(situation), Detail::Shares)
    }

    pub(super) fn impact_in(
        &self,
        situation: &Situation<'_>,
        viewpoints: &Viewpoints,
        detail: Detail,
    ) -> Impact {
        let [now, then] = self.narrowed(situation);
        let mut impact = Impact::default();
        for service in &now.services {
            if let Some(loss) = lost::loss(situation, self, service, (&now, &then)) {
                impact.lost.insert(service.key.clone(), loss);
            }
        }
        let mut findings = Findings::default();
        let gathered = [&now, &then].map(|cluster| lower::gather(cluster, &mut findings));
        let ports = gathered[0].ports().zip(gathered[1].ports());
        for (before, after) in ports {
            let of_port = port::Port {
                situation,
                lost: &self.lost,
                viewpoints,
                sides: [(&now, before), (&then, after)],
            };
            of_port.tell(&mut impact, detail);
        }
        for fallbacks in impact.fallbacks.values_mut() {
            fallbacks.sort_by(|a, b| (&a.zone, a.from, a.to).cmp(&(&b.zone, b.from, b.to)));
            fallbacks.dedup();
        }
        impact
    }
}

impl Impact {
    /// Services that nobody answers at all any more.
    pub fn lost_whole(&self) -> impl Iterator<Item = &ServiceKey> {
        let lost = self.lost.iter();
        lost.filter(|(_, loss)| **loss == Loss::Whole)
            .map(|(service, _)| service)
    }
}
