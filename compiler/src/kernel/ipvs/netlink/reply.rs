//! Attributes as our types: of replies, and of the requests we wrote ourselves.
//!
//! Attributes that are not known here are skipped: newer kernels add some, mostly statistics.

use super::scheduler_bits;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::saved::{SavedDestination, SavedService};
use super::{
    AF_INET, AF_INET6, DestAttr, FORWARD_MASK, HASHED, IpvsAttr, MASQ, Netmask, PERSISTENT,
    ServiceAttr,
};
use crate::kernel::ipvs::{
    Connections, Destination, DestinationKey, Foreign, Observed, Persistence, Scheduler, Timeouts,
    VirtualServer,
};
use crate::model::{IpFamily, Port, Protocol, TransportAddress};
use crate::source::Origins;

/// What our types cannot hold: a virtual server or destination of other software.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// An attribute that every virtual server or destination has.
    #[error("has no {0}")]
    Missing(&'static str),
    /// Neither IPv4 nor IPv6.
    #[error("has address family {0}")]
    Family(u16),
    /// Neither TCP nor UDP nor SCTP.
    #[error("has IP protocol {0}")]
    Protocol(u16),
    /// Port 0 stands for all ports.
    #[error("is about all ports")]
    AllPorts,
    /// A firewall mark in place of an address.
    #[error("is about firewall mark {0}")]
    Fwmark(u32),
    /// A scheduler that is not part of Linux.
    #[error("has scheduler {0:?}")]
    Scheduler(String),
    /// Flags that kube-proxy does not set with this scheduler.
    #[error("has flags {0:#x}")]
    Flags(u32),
    /// Persistence of whole networks.
    #[error("has a netmask")]
    Netmask,
    /// A persistence engine.
    #[error("has persistence engine {0:?}")]
    PersistenceEngine(String),
    /// Other forwarding than masquerading.
    #[error("has forwarding method {0}")]
    Forwarding(u32),
    /// Limits of connections, which kube-proxy does not set.
    #[error("has connection thresholds")]
    Thresholds,
    /// Options of tunnels, which only other forwarding than masquerading has.
    #[error("has tunnel options")]
    Tunnel,
    /// A negative weight.
    #[error("has weight {0}")]
    Weight(i32),
}

/// A virtual server as the kernel describes it: one reply to `GET_SERVICE`, and the replies to
/// `GET_DEST` for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The virtual server.
    pub service: Vec<ServiceAttr>,
    /// A reply for each destination, in the kernel's order.
    pub destinations: Vec<Vec<DestAttr>>,
}

/// All virtual servers of a node, in the order of the replies.
pub fn observed(replies: &[Reply]) -> Observed {
    let mut observed = Observed::default();
    for reply in replies {
        match ours(reply) {
            Ok(server) => observed.servers.push(server),
            Err(_) => observed.foreign.push(foreign(reply)),
        }
    }
    observed
}

/// How many connections the destinations of our kind carry.
pub fn connections(replies: &[Reply]) -> Connections {
    // IPVS knows no established UDP.
    let counts = |server: TransportAddress, attr: &DestAttr| match attr {
        DestAttr::ActiveConns(count) => Some(*count),
        DestAttr::InactConns(count) if server.protocol == Protocol::Udp => Some(*count),
        _ => None,
    };
    count(replies, counts)
}

/// How many connections of any state the destinations of our kind have, those among them that are
/// being opened or closed: kube-proxy, too, waits for the last of them before it takes a destination
/// away.
pub fn all_connections(replies: &[Reply]) -> Connections {
    let counts = |_, attr: &DestAttr| match attr {
        DestAttr::ActiveConns(count) | DestAttr::InactConns(count) => Some(*count),
        _ => None,
    };
    count(replies, counts)
}

fn count(
    replies: &[Reply],
    counts: impl Fn(TransportAddress, &DestAttr) -> Option<u32>,
) -> Connections {
    let mut connections = Connections::new();
    for reply in replies {
        let Ok(server) = key(&reply.service) else {
            continue;
        };
        for attrs in &reply.destinations {
            let Ok(Destination { address, port, .. }) = destination(server, attrs) else {
                continue;
            };
            let counted = attrs.iter().filter_map(|attr| counts(server, attr));
            let key = DestinationKey {
                server,
                address,
                port,
            };
            connections.insert(key, counted.map(u64::from).sum());
        }
    }
    connections
}

fn ours(reply: &Reply) -> Result<VirtualServer, NotOurs> {
    let mut server = virtual_server(&reply.service)?;
    server.destinations = reply
        .destinations
        .iter()
        .map(|attrs| destination(server.key, attrs))
        .collect::<Result<_, _>>()?;
    server.destinations.sort();
    Ok(server)
}

fn foreign(reply: &Reply) -> Foreign {
    let service = SavedService(&reply.service).to_string();
    let destinations = reply
        .destinations
        .iter()
        .map(|attrs| SavedDestination(&reply.service, attrs).to_string());
    Foreign {
        key: key(&reply.service).ok(),
        lines: std::iter::once(service)
            .chain(destinations)
            .map(String::into_boxed_str)
            .collect(),
    }
}

/// A virtual server without destinations.
///
/// # Errors
/// One that our types cannot hold.
pub fn virtual_server(attrs: &[ServiceAttr]) -> Result<VirtualServer, NotOurs> {
    let key = key(attrs)?;
    let (mut scheduler, mut flags, mut timeout) = (None, 0, 0);
    for attr in attrs {
        match attr {
            ServiceAttr::SchedName(name) => {
                let found: Scheduler =
                    name.parse().map_err(|_| NotOurs::Scheduler(name.clone()))?;
                scheduler = Some(found);
            }
            ServiceAttr::Flags(found) => flags = found.flags & !HASHED,
            ServiceAttr::Timeout(seconds) => timeout = *seconds,
            ServiceAttr::Netmask(mask) if *mask != Netmask::host(IpFamily::of(key.address)) => {
                return Err(NotOurs::Netmask);
            }
            ServiceAttr::PeName(name) => return Err(NotOurs::PersistenceEngine(name.clone())),
            _ => {}
        }
    }
    let scheduler = scheduler.ok_or(NotOurs::Missing("scheduler"))?;
    if flags & !PERSISTENT != scheduler_bits(scheduler) {
        return Err(NotOurs::Flags(flags));
    }
    Ok(VirtualServer {
        key,
        scheduler,
        // The kernel keeps a timeout that means nothing.
        persistence: match flags & PERSISTENT {
            0 => Persistence::None,
            _ => Persistence::Timeout(timeout),
        },
        destinations: Vec::new(),
        origins: Origins::new(),
    })
}

/// What names a virtual server.
///
/// # Errors
/// One that our types cannot name.
pub(super) fn key(attrs: &[ServiceAttr]) -> Result<TransportAddress, NotOurs> {
    let (mut af, mut protocol, mut bytes, mut port) = (None, None, None, None);
    for attr in attrs {
        match attr {
            ServiceAttr::Af(number) => af = Some(*number),
            ServiceAttr::Protocol(number) => protocol = Some(*number),
            ServiceAttr::Addr(found) => bytes = Some(found),
            ServiceAttr::Port(found) => port = Some(found.0),
            ServiceAttr::Fwmark(mark) => return Err(NotOurs::Fwmark(*mark)),
            _ => {}
        }
    }
    let protocol = protocol.ok_or(NotOurs::Missing("protocol"))?;
    Ok(TransportAddress {
        protocol: Protocol::from_number(protocol).ok_or(NotOurs::Protocol(protocol))?,
        address: address(af.ok_or(NotOurs::Missing("address family"))?, bytes)?,
        port: Port::new(port.ok_or(NotOurs::Missing("port"))?).ok_or(NotOurs::AllPorts)?,
    })
}

/// A destination of this virtual server.
///
/// # Errors
/// One that our types cannot hold.
pub fn destination(key: TransportAddress, attrs: &[DestAttr]) -> Result<Destination, NotOurs> {
    let (address, port) = destination_name(key, attrs)?;
    let mut weight = None;
    for attr in attrs {
        match attr {
            DestAttr::FwdMethod(method) if method & FORWARD_MASK != MASQ => {
                return Err(NotOurs::Forwarding(method & FORWARD_MASK));
            }
            DestAttr::Weight(found) => {
                weight = Some(u32::try_from(*found).map_err(|_| NotOurs::Weight(*found))?);
            }
            DestAttr::UThresh(1..) | DestAttr::LThresh(1..) => return Err(NotOurs::Thresholds),
            DestAttr::TunType(1..) | DestAttr::TunFlags(1..) => return Err(NotOurs::Tunnel),
            _ => {}
        }
    }
    Ok(Destination {
        address,
        port,
        weight: weight.ok_or(NotOurs::Missing("weight"))?,
        origins: Origins::new(),
    })
}

/// What names a destination of this virtual server: address and port.
pub(super) fn destination_name(
    key: TransportAddress,
    attrs: &[DestAttr],
) -> Result<(IpAddr, Port), NotOurs> {
    let own = match IpFamily::of(key.address) {
        IpFamily::V4 => AF_INET,
        IpFamily::V6 => AF_INET6,
    };
    let (mut af, mut bytes, mut port) = (own, None, None);
    for attr in attrs {
        match attr {
            DestAttr::AddrFamily(number) => af = *number,
            DestAttr::Addr(found) => bytes = Some(found),
            DestAttr::Port(found) => port = Some(found.0),
            _ => {}
        }
    }
    if af != own {
        return Err(NotOurs::Family(af));
    }
    let port = Port::new(port.ok_or(NotOurs::Missing("port"))?).ok_or(NotOurs::AllPorts)?;
    Ok((address(af, bytes)?, port))
}

/// Timeouts, as `GET_CONFIG` answers and `SET_CONFIG` asks; `None` where one is missing.
pub fn timeouts(attrs: &[IpvsAttr]) -> Option<Timeouts> {
    let (mut tcp, mut tcp_fin, mut udp) = (None, None, None);
    for attr in attrs {
        match attr {
            IpvsAttr::TimeoutTcp(seconds) => tcp = Some(*seconds),
            IpvsAttr::TimeoutTcpFin(seconds) => tcp_fin = Some(*seconds),
            IpvsAttr::TimeoutUdp(seconds) => udp = Some(*seconds),
            _ => {}
        }
    }
    Some(Timeouts {
        tcp: tcp?,
        tcp_fin: tcp_fin?,
        udp: udp?,
    })
}

/// An address from its family and its bytes.
pub(super) fn address(af: u16, bytes: Option<&[u8; 16]>) -> Result<IpAddr, NotOurs> {
    let bytes = bytes.ok_or(NotOurs::Missing("address"))?;
    match af {
        AF_INET => Ok(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]).into()),
        AF_INET6 => Ok(Ipv6Addr::from(*bytes).into()),
        _ => Err(NotOurs::Family(af)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ipvs::netlink::{destination_attrs, service_attrs};

    fn reply(protocol: Protocol, active: u32, inactive: u32) -> Reply {
        let destination = Destination {
            address: "10.0.0.5".parse().unwrap(),
            port: Port::new(8080).unwrap(),
            weight: 1,
            origins: Origins::new(),
        };
        let server = VirtualServer {
            key: TransportAddress {
                protocol,
                address: "10.96.0.1".parse().unwrap(),
                port: Port::new(80).unwrap(),
            },
            scheduler: Scheduler::Rr,
            persistence: Persistence::None,
            destinations: Vec::new(),
            origins: Origins::new(),
        };
        let mut attrs = destination_attrs(&destination);
        attrs.push(DestAttr::ActiveConns(active));
        attrs.push(DestAttr::InactConns(inactive));
        Reply {
            service: service_attrs(&server),
            destinations: vec![attrs],
        }
    }

    #[test]
    fn connections_that_are_over_do_not_count() {
        let replies = [reply(Protocol::Tcp, 3, 40), reply(Protocol::Udp, 0, 5)];
        let counts: Vec<u64> = connections(&replies).into_values().collect();
        assert_eq!(counts, [3, 5]);
    }
}
