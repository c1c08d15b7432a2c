//! What of a frontend decides about what clients meet there.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::diff::ListenerKind;
use crate::ir::{
    Affinity, Endpoint, EndpointLocation, Frontend, FrontendKind, NodeAccess, Program, ServicePort,
    SourceFilter,
};
use crate::model::service::TrafficPolicy;
use crate::model::slice::EndpointState;
use crate::model::{IpFamily, Protocol};

/// Everything that rules depend on but addresses and numbers: frontends of a class are treated alike by
/// the rules of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    family: IpFamily,
    protocol: Protocol,
    affinity: Affinity,
    cluster: Shape,
    local: Shape,
    /// Whether any endpoint is usable, chosen or not.
    usable: bool,
    /// All frontends of the port: in mode ipvs they share a pool.
    all: BTreeSet<Sort>,
    own: Sort,
}

/// Where the endpoints of a pool are, and which of them have an address of the node.
type Shape = BTreeSet<(EndpointLocation, Address)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Address {
    OfTheNode,
    OfItsOwn,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sort {
    kind: ListenerKind,
    policy: TrafficPolicy,
    sources: Option<(Vec<IpNet>, NodeAccess)>,
}

impl Class {
    pub(super) fn of(program: &Program, port: &ServicePort, frontend: &Frontend) -> Self {
        let shape = |pool: &[u32]| port.pool(pool).map(|one| place(program, one)).collect();
        let usable = |state| matches!(state, EndpointState::Ready | EndpointState::Draining);
        Self {
            family: port.key.family,
            protocol: port.key.protocol,
            affinity: port.affinity,
            cluster: shape(&port.pools.cluster),
            local: shape(&port.pools.local),
            usable: port.endpoints.iter().any(|one| usable(one.state)),
            all: port.frontends.iter().map(Sort::of).collect(),
            own: Sort::of(frontend),
        }
    }
}

fn place(program: &Program, endpoint: &Endpoint) -> (EndpointLocation, Address) {
    let own = program.node.addresses.contains(&endpoint.address);
    let address = if own {
        Address::OfTheNode
    } else {
        Address::OfItsOwn
    };
    (endpoint.location, address)
}

impl Sort {
    fn of(frontend: &Frontend) -> Self {
        let (kind, sources) = match &frontend.kind {
            FrontendKind::ClusterIp(_) => (ListenerKind::ClusterIp, None),
            FrontendKind::ExternalIp(_) => (ListenerKind::ExternalIp, None),
            FrontendKind::NodePort => (ListenerKind::NodePort, None),
            FrontendKind::LoadBalancer(_, SourceFilter::Everyone) => {
                (ListenerKind::LoadBalancer, None)
            }
            FrontendKind::LoadBalancer(_, SourceFilter::Ranges { ranges, node }) => {
                let mut ranges: Vec<IpNet> = ranges.iter().map(|range| range.value).collect();
                ranges.sort_unstable();
                (ListenerKind::LoadBalancer, Some((ranges, *node)))
            }
        };
        Self {
            kind,
            policy: frontend.policy,
            sources,
        }
    }
}
