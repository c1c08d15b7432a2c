//! What Services have on a node, as far as nothing that the kernel takes says it: whose each address
//! is, endpoints whose UDP flows stay though they get no new ones, health checks, and ranges whose
//! virtual servers are somebody else's.
//!
//! ```text
//! portolan-services 1
//! udp-flows while-endpoint-serves
//! exclude 10.96.200.0/24
//! frontend 10.96.0.10:53/UDP clusterIP Cluster kube-system/kube-dns:dns
//! frontend 0.0.0.0:30053/UDP nodePort Local kube-system/kube-dns:dns
//! health-check 0.0.0.0:32000/TCP shop/front 2
//! endpoint kube-system/kube-dns:dns 10.244.3.7:53 serving
//! ```
//!
//! Endpoints that are chosen stand in the other artefacts, and are not repeated. One line is about one
//! thing, so a change of one endpoint is a change of one line.

mod line;
mod lower;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use lower::{Options, lower};
pub use read::{ServicesProblem, read};
pub use write::write;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use ipnet::IpNet;

use super::ListenerKind;
use crate::ir::ServicePortKey;
use crate::kernel::Listener;
use crate::model::IpFamily;
use crate::model::profile::UdpFlows;
use crate::model::service::{ServiceKey, TrafficPolicy};
use crate::source::Origins;

/// What Services have on one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceList {
    /// Which UDP flows stay when endpoints change.
    pub udp_flows: UdpFlows,
    /// Ranges whose virtual servers are somebody else's (`ipvs.excludeCIDRs`).
    pub exclude: BTreeSet<IpNet>,
    /// Whose each address is, and as what; an address may be external IP and load balancer at once.
    pub frontends: BTreeMap<(Listener, ListenerKind), Frontend>,
    /// Node ports where load balancers ask whether the node has endpoints.
    pub health_checks: BTreeMap<Listener, HealthCheck>,
    /// Endpoints of UDP ports whose flows stay though nobody is sent to them.
    pub unchosen: BTreeMap<(ServicePortKey, SocketAddr), Unchosen>,
}

/// Whose an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontend {
    /// The Service port.
    pub port: ServicePortKey,
    /// Which of its endpoints serve there.
    pub policy: TrafficPolicy,
    /// Where it comes from.
    pub origins: Origins,
}

/// What a load balancer is told at a port for health checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// The Service whose `healthCheckNodePort` it is.
    pub service: ServiceKey,
    /// Addresses of ready endpoints on the node (`LocalReadyEndpoints`); with none the check fails.
    pub local_endpoints: usize,
    /// Where it comes from.
    pub origins: Origins,
}

/// An endpoint that nobody is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchosen {
    /// Why its flows stay.
    pub why: WhyKept,
    /// Where it comes from.
    pub origins: Origins,
}

closed_set! {
    /// Why the flows of an endpoint stay.
    pub enum WhyKept {
        /// It serves whom it has.
        Serving = "serving",
        /// It serves no more, and a slice still lists it ([`UdpFlows::OfEndpointsThatWent`]).
        Listed = "listed",
    }
}

impl ServiceList {
    /// Whose an address is. A node port may be a virtual server at each of the node's addresses.
    pub fn owner(&self, listener: Listener) -> Option<&ServicePortKey> {
        let at = |listener: Listener| {
            let all = (listener, ListenerKind::ClusterIp)..=(listener, ListenerKind::NodePort);
            self.frontends.range(all).next()
        };
        let node_port =
            || Listener::NodePort(listener.family(), listener.protocol(), listener.port());
        let (_, frontend) = at(listener).or_else(|| at(node_port()))?;
        Some(&frontend.port)
    }

    /// Leaves out what is of the other family.
    pub(super) fn keep_family(&mut self, family: IpFamily) {
        self.frontends.retain(|(at, _), _| at.family() == family);
        self.health_checks.retain(|at, _| at.family() == family);
        self.unchosen.retain(|(port, _), _| port.family == family);
    }

    /// How many Services have anything there.
    pub fn len(&self) -> usize {
        let services = self.frontends.values();
        let services: BTreeSet<&ServiceKey> = services.map(|one| &one.port.service).collect();
        services.len()
    }

    /// Whether none has.
    pub fn is_empty(&self) -> bool {
        self.frontends.is_empty()
    }
}
