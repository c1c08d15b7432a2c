//! The lines, one about each thing.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr as _;

use ipnet::IpNet;

use super::WhyKept;
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
    Endpoint(ServicePortKey, SocketAddr, WhyKept),
}

/// The word for what an address is to its Service.
fn word(kind: ListenerKind) -> &'static str {
    match kind {
        ListenerKind::ClusterIp => "clusterIP",
        ListenerKind::ExternalIp => "externalIP",
        ListenerKind::LoadBalancer => "loadBalancer",
        ListenerKind::NodePort => "nodePort",
    }
}

fn kind(text: &str) -> Option<ListenerKind> {
    let mut kinds = ListenerKind::ALL.into_iter();
    kinds.find(|kind| word(*kind) == text)
}

impl Line {
    /// Reads what [`fmt::Display`] writes; `None` for any other text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let line = match words[..] {
            ["udp-flows", rule] => Self::UdpFlows(rule.parse().ok()?),
            ["exclude", net] => Self::Exclude(parse_net(net).ok()?),
            ["frontend", listener, kind, policy, port] => {
                let listener: Listener = listener.parse().ok()?;
                let (family, protocol) = (listener.family(), listener.protocol());
                let kind = self::kind(kind)?;
                let node_port = matches!(listener, Listener::NodePort(..));
                if node_port != (kind == ListenerKind::NodePort) {
                    return None;
                }
                let port = service_port(port, family, protocol)?;
                Self::Frontend(listener, kind, policy.parse().ok()?, port)
            }
            ["health-check", listener, service, endpoints] => {
                let listener = listener.parse().ok()?;
                if !matches!(listener, Listener::NodePort(_, Protocol::Tcp, _)) {
                    return None;
                }
                Self::HealthCheck(listener, self::service(service)?, endpoints.parse().ok()?)
            }
            ["endpoint", port, endpoint, why] => {
                let endpoint = SocketAddr::from_str(endpoint).ok()?;
                let port = service_port(port, IpFamily::of(endpoint.ip()), Protocol::Udp)?;
                Self::Endpoint(port, endpoint, why.parse().ok()?)
            }
            _ => return None,
        };
        (line.to_string() == text).then_some(line)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UdpFlows(rule) => write!(f, "udp-flows {rule}"),
            Self::Exclude(net) => write!(f, "exclude {net}"),
            Self::Frontend(listener, kind, policy, port) => {
                write!(f, "frontend {listener} {} {policy} {port}", word(*kind))
            }
            Self::HealthCheck(listener, service, endpoints) => {
                write!(f, "health-check {listener} {service} {endpoints}")
            }
            Self::Endpoint(port, endpoint, why) => {
                write!(f, "endpoint {port} {endpoint} {why}")
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
