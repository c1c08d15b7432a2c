//! The lines, one about each thing.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr as _;

use ipnet::IpNet;

use super::Standing;
use crate::ir::ServicePortKey;
use crate::kernel::Listener;
use crate::mode::ListenerKind;
use crate::model::address::parse_net;
use crate::model::name::{Namespace, PortName, ServiceName};
use crate::model::profile::UdpFlows;
use crate::model::service::{ServiceKey, TrafficPolicy};
use crate::model::{IpFamily, Protocol};

/// The first line.
pub(super) const FORMAT: &str = "portolan-services 1";

/// Any other line. Ordered as they stand in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Line {
    UdpFlows(UdpFlows),
    Exclude(IpNet),
    Frontend(Listener, ListenerKind, TrafficPolicy, ServicePortKey),
    HealthCheck(Listener, ServiceKey, usize),
    Endpoint(ServicePortKey, SocketAddr, Standing),
}

/// What each rule keeps.
pub(super) const RULES: [(UdpFlows, &str); 3] = [
    (UdpFlows::OfEndpointsThatWent, "until-deleted"),
    (UdpFlows::OfAddresses, "while-address-serves"),
    (UdpFlows::OfAddressesAndPorts, "while-endpoint-serves"),
];

const KINDS: [(ListenerKind, &str); 4] = [
    (ListenerKind::ClusterIp, "clusterIP"),
    (ListenerKind::ExternalIp, "externalIP"),
    (ListenerKind::LoadBalancer, "loadBalancer"),
    (ListenerKind::NodePort, "nodePort"),
];

const POLICIES: [(TrafficPolicy, &str); 2] = [
    (TrafficPolicy::Cluster, "Cluster"),
    (TrafficPolicy::Local, "Local"),
];

const STANDINGS: [(Standing, &str); 2] =
    [(Standing::Serving, "serving"), (Standing::Listed, "listed")];

pub(super) fn word<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> &'static str {
    let known = words.iter().find(|(known, _)| known == value);
    known.map_or("", |(_, word)| word)
}

fn value<T: Copy>(words: &[(T, &'static str)], word: &str) -> Option<T> {
    let known = words.iter().find(|(_, known)| *known == word);
    known.map(|(value, _)| *value)
}

impl Line {
    /// Reads what [`fmt::Display`] writes; `None` for any other text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let line = match words[..] {
            ["udp-flows", rule] => Self::UdpFlows(value(&RULES, rule)?),
            ["exclude", net] => Self::Exclude(parse_net(net).ok()?),
            ["frontend", listener, kind, policy, port] => {
                let listener: Listener = listener.parse().ok()?;
                let (family, protocol) = (listener.family(), listener.protocol());
                let kind = value(&KINDS, kind)?;
                let node_port = matches!(listener, Listener::NodePort(..));
                if node_port != (kind == ListenerKind::NodePort) {
                    return None;
                }
                let port = service_port(port, family, protocol)?;
                Self::Frontend(listener, kind, value(&POLICIES, policy)?, port)
            }
            ["health-check", listener, service, endpoints] => {
                let listener = listener.parse().ok()?;
                if !matches!(listener, Listener::NodePort(_, Protocol::Tcp, _)) {
                    return None;
                }
                Self::HealthCheck(listener, self::service(service)?, endpoints.parse().ok()?)
            }
            ["endpoint", port, endpoint, standing] => {
                let endpoint = SocketAddr::from_str(endpoint).ok()?;
                let port = service_port(port, IpFamily::of(endpoint.ip()), Protocol::Udp)?;
                Self::Endpoint(port, endpoint, value(&STANDINGS, standing)?)
            }
            _ => return None,
        };
        (line.to_string() == text).then_some(line)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UdpFlows(rule) => write!(f, "udp-flows {}", word(&RULES, rule)),
            Self::Exclude(net) => write!(f, "exclude {net}"),
            Self::Frontend(listener, kind, policy, port) => {
                let (kind, policy) = (word(&KINDS, kind), word(&POLICIES, policy));
                write!(f, "frontend {listener} {kind} {policy} {port}")
            }
            Self::HealthCheck(listener, service, endpoints) => {
                write!(f, "health-check {listener} {service} {endpoints}")
            }
            Self::Endpoint(port, endpoint, standing) => {
                write!(
                    f,
                    "endpoint {port} {endpoint} {}",
                    word(&STANDINGS, standing)
                )
            }
        }
    }
}

/// Reads `shop/cart:http`, or `shop/cart` of a port without a name.
fn service_port(text: &str, family: IpFamily, protocol: Protocol) -> Option<ServicePortKey> {
    let (service, port) = match text.split_once(':') {
        Some((service, port)) => (service, PortName::parse(port).ok()?),
        None => (text, PortName::unnamed()),
    };
    Some(ServicePortKey {
        family,
        service: self::service(service)?,
        port,
        protocol,
    })
}

fn service(text: &str) -> Option<ServiceKey> {
    let (namespace, name) = text.split_once('/')?;
    Some(ServiceKey {
        namespace: Namespace::parse(namespace).ok()?,
        name: ServiceName::parse(name).ok()?,
    })
}
