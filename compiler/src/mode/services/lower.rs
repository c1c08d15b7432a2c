//! From the IR to what Services have.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::{Frontend, HealthCheck, ServiceList, Unchosen, WhyKept};
use crate::ir;
use crate::ir::{FrontendKind, Program, ServicePort, ServicePortKey};
use crate::kernel::Listener;
use crate::mode::ListenerKind;
use crate::model::profile::UdpFlows;
use crate::model::service::TrafficPolicy;
use crate::model::slice::EndpointState;
use crate::model::{Mode, Protocol, TransportAddress};
use crate::valid::Valid;

/// What is not in the program.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The mode decides which endpoints an address may lead to.
    pub mode: Mode,
    /// Which UDP flows stay.
    pub udp_flows: UdpFlows,
    /// Ranges whose virtual servers are somebody else's.
    pub exclude: &'a [IpNet],
}

/// Lists what a program's Services have.
pub fn lower(program: &Valid<Program>, options: Options<'_>) -> ServiceList {
    let mut list = ServiceList {
        udp_flows: options.udp_flows,
        exclude: options.exclude.iter().copied().collect(),
        frontends: BTreeMap::new(),
        health_checks: BTreeMap::new(),
        unchosen: BTreeMap::new(),
    };
    let mut ready: BTreeMap<Listener, BTreeSet<IpAddr>> = BTreeMap::new();
    for port in &program.get().service_ports {
        list.frontends
            .extend(port.frontends.iter().map(|one| frontend(port, one)));
        if port.key.protocol == Protocol::Udp {
            list.unchosen.extend(unchosen(port, options));
        }
        if let Some(check) = &port.health_check_node_port {
            let at = Listener::NodePort(port.key.family, Protocol::Tcp, check.value);
            let here = port.endpoints.iter();
            let here = here.filter(|one| one.is_local() && one.state == EndpointState::Ready);
            let addresses = ready.entry(at).or_default();
            addresses.extend(here.map(|endpoint| endpoint.address));
            list.health_checks.insert(
                at,
                HealthCheck {
                    service: port.key.service.clone(),
                    local_endpoints: addresses.len(),
                    origins: [check.origin].into(),
                },
            );
        }
    }
    list
}

fn frontend(port: &ServicePort, one: &ir::Frontend) -> ((Listener, ListenerKind), Frontend) {
    let kind = match one.kind {
        FrontendKind::ClusterIp(_) => ListenerKind::ClusterIp,
        FrontendKind::ExternalIp(_) => ListenerKind::ExternalIp,
        FrontendKind::LoadBalancer(..) => ListenerKind::LoadBalancer,
        FrontendKind::NodePort => ListenerKind::NodePort,
    };
    let listener = match one.kind.address() {
        Some(address) => Listener::Address(TransportAddress {
            protocol: port.key.protocol,
            address,
            port: one.port,
        }),
        None => Listener::NodePort(port.key.family, port.key.protocol, one.port),
    };
    let frontend = Frontend {
        port: port.key.clone(),
        policy: one.policy,
        origins: [one.origin].into(),
    };
    ((listener, kind), frontend)
}

fn unchosen(
    port: &ServicePort,
    options: Options<'_>,
) -> impl Iterator<Item = ((ServicePortKey, SocketAddr), Unchosen)> {
    let chosen = chosen(port, options.mode);
    (0u32..)
        .zip(&port.endpoints)
        .filter(move |(index, _)| !chosen.contains(index))
        .filter_map(move |(_, endpoint)| {
            let why = if endpoint.state.serves() {
                WhyKept::Serving
            } else if options.udp_flows == UdpFlows::OfEndpointsThatWent {
                WhyKept::Listed
            } else {
                return None;
            };
            let unchosen = Unchosen {
                why,
                origins: [endpoint.origin].into(),
            };
            Some(((port.key.clone(), endpoint.socket()), unchosen))
        })
}

/// Endpoints that some address leads to, by their indices. Mode ipvs sends everybody to the pool of
/// the address's policy, or to the cluster's where that is empty; with the others the node and its
/// pods reach the cluster's endpoints at every external address.
fn chosen(port: &ServicePort, mode: Mode) -> BTreeSet<u32> {
    let pools = &port.pools;
    let ipvs = |policy| match policy {
        TrafficPolicy::Local if !pools.local.is_empty() => &pools.local,
        TrafficPolicy::Local | TrafficPolicy::Cluster => &pools.cluster,
    };
    match mode {
        Mode::Ipvs => {
            let frontends = port.frontends.iter();
            frontends
                .flat_map(|frontend| ipvs(frontend.policy))
                .copied()
                .collect()
        }
        Mode::Iptables | Mode::Nftables => {
            pools.cluster.iter().chain(&pools.local).copied().collect()
        }
    }
}
