//! PTL009 and PTL010: endpoints where no pod can be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings};
use crate::model::TransportAddress;
use crate::model::service::{Service, ServiceKey, Sourced};
use crate::model::slice::{Slice, SlicePort};
use crate::model::{Port, Protocol};
use crate::source::Origin;

fn endpoints(slices: &[Slice]) -> impl Iterator<Item = (IpAddr, Origin)> {
    let endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
    endpoints.map(|endpoint| (endpoint.address, endpoint.origin))
}

/// The other addresses that no pod has are refused where they are read.
pub(super) fn special(subject: &Subject<'_>, findings: &mut Findings) {
    for (address, origin) in endpoints(&subject.cluster.slices) {
        if !is_broadcast(address) {
            continue;
        }
        findings.push(
            Finding::error(
                Code::SpecialEndpoint,
                origin,
                format!(
                    "endpoint {address} is the broadcast address, and no pod has such an address"
                ),
            )
            .help("point it at a pod, or remove it"),
        );
    }
}

/// Whether it is the address that all of a network listen to.
pub(super) fn is_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if v4.is_broadcast())
}

/// Endpoints that are a frontend of some Service, or an address that nothing but Services can have.
pub(super) fn loops(subject: &Subject<'_>, findings: &mut Findings) {
    let frontends = Frontends::new(subject);
    for slice in &subject.cluster.slices {
        for endpoint in &slice.endpoints {
            let (address, origin) = (endpoint.address, endpoint.origin);
            if let Some(frontend) = frontends.of(address, &slice.ports) {
                let Frontend { service, at, .. } = frontend;
                findings.push(
                    Finding::error(
                        Code::EndpointLoop,
                        origin,
                        format!("endpoint {at} is {frontend} of the Service {service}"),
                    )
                    .help("point it at the pods behind that Service")
                    .also(frontend.claim, "the Service's"),
                );
            } else if let Some((service, claim)) = frontends.cluster_ips.get(&address) {
                findings.push(
                    Finding::error(
                        Code::EndpointLoop,
                        origin,
                        format!("endpoint {address} is the cluster IP of the Service {service}, which has no such port: connections are refused"),
                    )
                    .help("point it at the pods behind that Service")
                    .also(*claim, "the Service's address"),
                );
            } else if let Some(range) = subject.settings.service_cidrs.holding(address) {
                findings.push(
                    Finding::error(
                        Code::EndpointLoop,
                        origin,
                        format!("endpoint {address} lies in the range of cluster IPs {range}"),
                    )
                    .help("point it at a pod"),
                );
            }
        }
    }
}

/// Where Services are reached.
struct Frontends<'a> {
    /// By address, protocol and port.
    sockets: BTreeMap<TransportAddress, (&'a ServiceKey, Origin)>,
    /// Node ports, which are at addresses of nodes.
    node_ports: BTreeMap<(Protocol, Port), (&'a ServiceKey, Origin)>,
    nodes: BTreeMap<IpAddr, &'a str>,
    cluster_ips: BTreeMap<IpAddr, (&'a ServiceKey, Origin)>,
    /// Every address above.
    addresses: BTreeSet<IpAddr>,
}

/// The frontend that an endpoint is.
struct Frontend<'a> {
    service: &'a ServiceKey,
    claim: Origin,
    at: SocketAddr,
    node: Option<&'a str>,
}

impl fmt::Display for Frontend<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node {
            Some(node) => write!(f, "a node port, at the node {node},"),
            None => f.write_str("an address and port"),
        }
    }
}

impl<'a> Frontends<'a> {
    fn new(subject: &Subject<'a>) -> Self {
        let cluster = subject.cluster;
        let mut found = Self {
            sockets: BTreeMap::new(),
            node_ports: BTreeMap::new(),
            nodes: cluster.nodes_by_address(),
            cluster_ips: BTreeMap::new(),
            addresses: BTreeSet::new(),
        };
        for service in &cluster.services {
            for ip in &service.cluster_ips {
                let claim = (&service.key, ip.origin);
                found.cluster_ips.entry(ip.value).or_insert(claim);
            }
            for port in &service.ports {
                for ip in addresses(service) {
                    let key = TransportAddress {
                        address: ip.value,
                        protocol: port.protocol,
                        port: port.port,
                    };
                    let claim = (&service.key, ip.origin);
                    found.sockets.entry(key).or_insert(claim);
                }
                if let Some(node_port) = port.node_port {
                    let key = (port.protocol, node_port.value);
                    let claim = (&service.key, node_port.origin);
                    found.node_ports.entry(key).or_insert(claim);
                }
            }
            found
                .addresses
                .extend(addresses(service).map(|ip| ip.value));
        }
        found.addresses.extend(found.nodes.keys());
        found
    }

    /// The frontend that an endpoint at one of these ports is.
    fn of(&self, address: IpAddr, ports: &[SlicePort]) -> Option<Frontend<'a>> {
        if !self.addresses.contains(&address) {
            return None;
        }
        ports.iter().find_map(|port| {
            let at = SocketAddr::new(address, port.port.get());
            if let Some((service, claim)) = self.sockets.get(&TransportAddress {
                address,
                protocol: port.protocol,
                port: port.port,
            }) {
                return Some(Frontend {
                    service,
                    claim: *claim,
                    at,
                    node: None,
                });
            }
            let node = Some(*self.nodes.get(&address)?);
            let (service, claim) = self.node_ports.get(&(port.protocol, port.port))?;
            Some(Frontend {
                service,
                claim: *claim,
                at,
                node,
            })
        })
    }
}

/// All addresses of a Service.
pub(super) fn addresses(service: &Service) -> impl Iterator<Item = &Sourced<IpAddr>> {
    let external = service
        .external_ips
        .iter()
        .chain(&service.load_balancer_ips);
    service.cluster_ips.iter().chain(external)
}
