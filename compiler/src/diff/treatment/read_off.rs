//! A program read off a compiled state and its list of Services: as much of one as it takes to ask what
//! clients meet. Which endpoints are on the node, a compiled state says only where policy Local chose.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::diff::{NodeView, SourceRanges};
use crate::ir::{
    Affinity, Endpoint, EndpointLocation, Frontend, FrontendKind, MasqueradeAll, Masquerading,
    Node, NodeAccess, NodePortScope, Pools, Program, ServicePort, ServicePortKey, SourceFilter,
};
use crate::kernel::Listener;
use crate::kernel::ipvs::Persistence;
use crate::mode::services::ServiceList;
use crate::mode::{ListenerKind, NodeState};
use crate::model::name::NodeName;
use crate::model::service::{Sourced, TrafficPolicy};
use crate::model::slice::EndpointState;
use crate::model::{IpFamily, Mode, Port};
use crate::source::{Field, ObjectId, Origin};

/// What nothing stands behind.
const NOWHERE: ObjectId = ObjectId(0);
const ORIGIN: Origin = Origin {
    object: NOWHERE,
    field: Field::Whole,
};

/// Addresses that are set aside for examples, for a node of which none is known.
const EXAMPLES: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 250)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xfa)),
];

/// The node that two states are about, by what either names of it.
pub(super) fn node(states: [&NodeState; 2]) -> Option<Node> {
    let mut addresses: BTreeSet<IpAddr> = states
        .iter()
        .flat_map(|state| state.node_addresses())
        .collect();
    let of_mode = |mode: Mode| states.iter().find(|state| state.mode() == mode);
    let first = of_mode(Mode::Nftables).map(|state| state.node_addresses());
    let primary = IpFamily::ALL.map(|family| {
        let of_family = |address: &&IpAddr| IpFamily::of(**address) == family;
        let named = first.iter().flatten().find(of_family);
        named
            .or_else(|| addresses.iter().find(of_family))
            .copied()
            .unwrap_or(EXAMPLES[family as usize])
    });
    addresses.extend(primary);
    // Mode ipvs serves what it lists; by rules a node port may be served at any address of the node.
    if of_mode(Mode::Ipvs).is_none() {
        addresses.extend(EXAMPLES);
    }
    Some(Node {
        name: NodeName::parse("node").ok()?,
        addresses: addresses.into_iter().collect(),
        primary: primary.map(Some),
        node_port_scope: [NodePortScope::Default, NodePortScope::Default],
    })
}

/// The program of a state on a node; `None` for a state without a list of Services.
pub(super) fn program(state: &NodeState, node: &Node) -> Option<Program> {
    let list = state.services.as_ref()?;
    Some(Program {
        node: node.clone(),
        masquerading: Masquerading {
            mark_bit: 14,
            all: MasqueradeAll::No,
            local_traffic: IpFamily::ALL.map(|family| state.local_traffic(family)),
        },
        service_ports: service_ports(&NodeView::of_state(state), list),
    })
}

fn service_ports(view: &NodeView, list: &ServiceList) -> Vec<ServicePort> {
    let mut ports: BTreeMap<&ServicePortKey, ServicePort> = BTreeMap::new();
    for ((at, kind), listed) in &list.frontends {
        let Some(found) = view.frontends.get(&(*at).into()) else {
            continue;
        };
        let port = ports.entry(&listed.port).or_insert_with(|| ServicePort {
            key: listed.port.clone(),
            object: NOWHERE,
            origin: ORIGIN,
            affinity: Affinity::None,
            frontends: Vec::new(),
            endpoints: Vec::new(),
            pools: Pools::default(),
            health_check_node_port: None,
        });
        if let Persistence::Timeout(timeout) = found.affinity {
            port.affinity = Affinity::ClientIp { timeout };
        }
        port.frontends.push(Frontend {
            kind: self::kind(*at, *kind, &found.sources),
            port: at.port(),
            policy: listed.policy,
            origin: ORIGIN,
        });
        for socket in found.endpoints.keys() {
            add(port, *socket, listed.policy);
        }
    }
    ports.into_values().collect()
}

fn kind(at: Listener, kind: ListenerKind, sources: &SourceRanges) -> FrontendKind {
    let Listener::Address(key) = at else {
        return FrontendKind::NodePort;
    };
    match kind {
        ListenerKind::ClusterIp => FrontendKind::ClusterIp(key.address),
        ListenerKind::ExternalIp => FrontendKind::ExternalIp(key.address),
        ListenerKind::NodePort => FrontendKind::NodePort,
        ListenerKind::LoadBalancer => FrontendKind::LoadBalancer(
            key.address,
            match sources {
                SourceRanges::Everyone => SourceFilter::Everyone,
                SourceRanges::Only(ranges) => SourceFilter::Ranges {
                    ranges: ranges
                        .iter()
                        .map(|range| Sourced {
                            value: *range,
                            origin: ORIGIN,
                        })
                        .collect(),
                    node: NodeAccess::Denied,
                },
            },
        ),
    }
}

fn add(port: &mut ServicePort, socket: SocketAddr, policy: TrafficPolicy) {
    let Some(number) = Port::new(socket.port()) else {
        return;
    };
    let known = port.endpoints.iter().position(|one| one.socket() == socket);
    let at = known.unwrap_or(port.endpoints.len());
    if known.is_none() {
        port.endpoints.push(Endpoint {
            address: socket.ip(),
            port: number,
            state: EndpointState::Ready,
            location: EndpointLocation::Remote,
            origin: ORIGIN,
        });
    }
    let pool = match policy {
        TrafficPolicy::Cluster => &mut port.pools.cluster,
        TrafficPolicy::Local => {
            port.endpoints[at].location = EndpointLocation::Local;
            &mut port.pools.local
        }
    };
    if let Ok(at) = u32::try_from(at)
        && !pool.contains(&at)
    {
        pool.push(at);
    }
}
