//! Destinations by the name of a Service port: `shop/cart:http`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::packet::{Asks, Destination, NotADestination};
use crate::ir::ServicePortKey;
use crate::kernel::Listener;
use crate::mode::ListenerKind;
use crate::mode::services::ServiceList;
use crate::model::name::{Namespace, PortName, ServiceName};
use crate::model::service::ServiceKey;
use crate::model::{IpFamily, Port, Protocol};
use crate::nearest::{self, Slips};

/// Where a packet is to go, by its address or by whose cluster IP that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// An address, with a port or an echo.
    Address(Destination),
    /// A port of a Service.
    Service(NamedPort),
}

/// A port of a Service, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPort {
    /// Namespace and name of the Service.
    pub service: ServiceKey,
    /// Its port; none where it has only one.
    pub port: Option<PortWord>,
    /// The protocol, where several ports have the number.
    pub protocol: Option<Protocol>,
}

/// How a port is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortWord {
    /// By its name.
    Name(PortName),
    /// By its number.
    Number(Port),
}

impl fmt::Display for NamedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.service.fmt(f)?;
        match &self.port {
            Some(PortWord::Name(name)) => write!(f, ":{name}")?,
            Some(PortWord::Number(number)) => write!(f, ":{number}")?,
            None => {}
        }
        self.protocol
            .map_or(Ok(()), |protocol| write!(f, "/{protocol}"))
    }
}

impl FromStr for Asked {
    type Err = NotADestination;

    /// Reads an address as [`Destination`] does, or `shop/cart`, `shop/cart:http`, `shop/cart:80` and
    /// `shop/dns:53/udp`.
    fn from_str(text: &str) -> Result<Self, NotADestination> {
        let by_address = text.parse().map(Self::Address);
        by_address.or_else(|error| named(text).map(Self::Service).ok_or(error))
    }
}

fn named(text: &str) -> Option<NamedPort> {
    let (namespace, rest) = text.split_once('/')?;
    let (rest, protocol) = match rest.split_once('/') {
        Some((rest, word)) => (rest, Some(word.to_ascii_uppercase().parse().ok()?)),
        None => (rest, None),
    };
    let (name, port) = match rest.split_once(':') {
        Some((name, port)) => (name, Some(port_word(port)?)),
        None => (rest, None),
    };
    Some(NamedPort {
        service: ServiceKey {
            namespace: Namespace::parse(namespace).ok()?,
            name: ServiceName::parse(name).ok()?,
        },
        port,
        protocol,
    })
}

fn port_word(text: &str) -> Option<PortWord> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().and_then(Port::new).map(PortWord::Number);
    }
    PortName::parse(text).ok().map(PortWord::Name)
}

/// Why a name leads to no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unserved {
    /// No Service of the name has a cluster IP there.
    #[error("the node serves no Service {service} at a cluster IP")]
    NoService {
        /// The Service that was asked for.
        service: ServiceKey,
        /// The served Service whose name is nearest.
        near: Option<ServiceKey>,
    },
    /// The Service has no such port in the family.
    #[error("Service {service} has no port {port}", service = .named.service, port = .named.port_text())]
    NoPort {
        /// What was asked for.
        named: NamedPort,
        /// The ports that it has, each as it may be asked for.
        ports: Vec<String>,
    },
    /// Several ports are meant.
    #[error("{named} is more than one port")]
    Several {
        /// What was asked for.
        named: NamedPort,
        /// Those, each as it may be asked for.
        ports: Vec<String>,
    },
    /// The Service has a cluster IP of the other family only.
    #[error("Service {service} has no {family} cluster IP")]
    NoFamily {
        /// The Service that was asked for.
        service: ServiceKey,
        /// The sender's family.
        family: IpFamily,
    },
}

impl Unserved {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NoService {
                near: Some(near), ..
            } => format!("{near} is served; or name an address and a port"),
            Self::NoService { near: None, .. } => {
                "a Service without a cluster IP is reached at its endpoints: name an address and a port"
                    .to_owned()
            }
            Self::NoPort { ports, .. } | Self::Several { ports, .. } => {
                format!("name one of: {}", ports.join(", "))
            }
            Self::NoFamily { .. } => "name a sender of the other family".to_owned(),
        }
    }
}

impl NamedPort {
    fn port_text(&self) -> String {
        let port = match &self.port {
            Some(PortWord::Name(name)) => name.to_string(),
            Some(PortWord::Number(number)) => number.to_string(),
            None => String::new(),
        };
        match self.protocol {
            Some(protocol) => format!("{port}/{protocol}"),
            None => port,
        }
    }

    /// The cluster IP and port, for a sender of a family: `None` for the node itself, which takes the
    /// Service's IPv4 address where it has one.
    ///
    /// # Errors
    /// Where there is none, or more than one.
    pub fn destination(
        &self,
        list: &ServiceList,
        family: Option<IpFamily>,
    ) -> Result<Destination, Unserved> {
        let of_service = || served(list).filter(|(port, ..)| port.service == self.service);
        if of_service().next().is_none() {
            return Err(Unserved::NoService {
                service: self.service.clone(),
                near: self.near(list),
            });
        }
        let first = of_service().map(|(port, ..)| port.family).min();
        let family = family.or(first).unwrap_or(IpFamily::V4);
        let mut ports = of_service()
            .filter(|(port, ..)| port.family == family)
            .peekable();
        if ports.peek().is_none() {
            return Err(Unserved::NoFamily {
                service: self.service.clone(),
                family,
            });
        }
        let all: BTreeMap<Destination, &ServicePortKey> = ports
            .map(|(port, address, number)| {
                let asks = Asks::Port(port.protocol, number);
                (Destination { address, asks }, port)
            })
            .collect();
        let is_meant = |(to, port): &(&Destination, &&ServicePortKey)| {
            let number = to.server().map(|server| server.port);
            let named = match &self.port {
                None => true,
                Some(PortWord::Name(name)) => port.port == *name,
                Some(PortWord::Number(asked)) => number == Some(*asked),
            };
            named && self.protocol.is_none_or(|asked| asked == port.protocol)
        };
        let meant: Vec<Destination> = all.iter().filter(is_meant).map(|(to, _)| *to).collect();
        let spelled = |list: &mut dyn Iterator<Item = Destination>| {
            let spelled = list.filter_map(|to| {
                let server = to.server()?;
                Some(format!(
                    "{}:{}/{}",
                    self.service, server.port, server.protocol
                ))
            });
            spelled.collect::<Vec<_>>()
        };
        match meant.as_slice() {
            [one] => Ok(*one),
            [] => Err(Unserved::NoPort {
                named: self.clone(),
                ports: spelled(&mut all.keys().copied()),
            }),
            several => Err(Unserved::Several {
                named: self.clone(),
                ports: spelled(&mut several.iter().copied()),
            }),
        }
    }

    fn near(&self, list: &ServiceList) -> Option<ServiceKey> {
        let asked = self.service.to_string();
        let all: BTreeSet<&ServiceKey> = served(list).map(|(port, ..)| &port.service).collect();
        let distance =
            |one: &ServiceKey| nearest::distance(&asked, &one.to_string(), Slips::OneInOrOne(5));
        let near = all.iter().filter_map(|one| Some((distance(one)?, one)));
        let near = near
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, one)| one);
        let same_name = || all.iter().find(|one| one.name == self.service.name);
        near.or_else(same_name).map(|one| (*one).clone())
    }
}

/// Ports at cluster IPs, with their addresses and numbers.
fn served(list: &ServiceList) -> impl Iterator<Item = (&ServicePortKey, IpAddr, Port)> {
    list.frontends.iter().filter_map(|((at, kind), frontend)| {
        let Listener::Address(key) = at else {
            return None;
        };
        (*kind == ListenerKind::ClusterIp).then_some((&frontend.port, key.address, key.port))
    })
}
