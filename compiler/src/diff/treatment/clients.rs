//! Clients that stand for all of their kind.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::Client;
use crate::explain::Arrival;
use crate::ir::{FrontendKind, LocalTraffic, Program, ServicePort, SourceFilter};
use crate::model::IpFamily;
use crate::model::name::InterfaceName;

/// Addresses that are set aside for examples: nobody has them.
const NOBODYS: [[IpAddr; 2]; 3] = [
    [
        IpAddr::V4(Ipv4Addr::new(198, 51, 100, 77)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x77)),
    ],
    [
        IpAddr::V4(Ipv4Addr::new(203, 0, 113, 177)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xfffe, 0, 0, 0, 0, 0x77)),
    ],
    [
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, 177)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xfffd, 0, 0, 0, 0, 0x77)),
    ],
];

/// Interfaces that clients from outside may come in through.
const UPLINKS: [&str; 3] = ["eth0", "ens1", "uplink0"];

/// How many addresses of a range are tried.
const TRIED: usize = 4096;

/// How one client of a kind, which has none of the addresses that are taken, arrives at a frontend of a
/// port; `None` where there is none of the kind.
pub(super) fn arrival(
    client: Client,
    (program, taken): (&Program, &BTreeSet<IpAddr>),
    port: &ServicePort,
    kind: &FrontendKind,
) -> Option<Arrival> {
    let local = program.masquerading.local_traffic(port.key.family);
    let ranges = match kind {
        FrontendKind::LoadBalancer(_, SourceFilter::Ranges { ranges, .. }) => Some(ranges),
        _ => None,
    };
    let within = |address: IpAddr| {
        let mut ranges = ranges.into_iter().flatten();
        ranges.any(|range| range.value.contains(&address))
    };
    let stranger = |address: &IpAddr| {
        let pod = matches!(local, LocalTraffic::Source(net) if net.contains(address));
        !pod && !taken.contains(address) && is_nobodys(*address, program, port)
    };
    let outside = |from| Arrival::Interface {
        from,
        interface: uplink(local),
    };
    match client {
        Client::Outside | Client::OtherAddress => {
            let allowed = ranges.into_iter().flatten();
            let allowed = allowed.flat_map(|range| hosts(range.value));
            let nobodys = nobodys(port.key.family).filter(|_| ranges.is_none());
            allowed.chain(nobodys).find(stranger).map(outside)
        }
        Client::Barred => {
            ranges?;
            let mut nobodys = nobodys(port.key.family);
            nobodys
                .find(|address| stranger(address) && !within(*address))
                .map(outside)
        }
        Client::Pod => {
            let (from, interface) = match local {
                // Whether its address is in the ranges nobody knows.
                LocalTraffic::Unknown if ranges.is_some() => return None,
                // It cannot be told from others then, and is treated as they are.
                LocalTraffic::Unknown => (nobody(port), uplink(local)),
                LocalTraffic::Source(net) => {
                    let free = |address: &IpAddr| {
                        !taken.contains(address) && is_nobodys(*address, program, port)
                    };
                    (hosts(*net).find(free)?, uplink(local))
                }
                LocalTraffic::Interface(name) => (nobody(port), Some(name.clone())),
                LocalTraffic::InterfacePrefix(prefix) => {
                    let name = InterfaceName::parse(&format!("{}0", prefix.as_str()));
                    (nobody(port), Some(name.unwrap_or_else(|_| prefix.clone())))
                }
            };
            Some(Arrival::Interface { from, interface })
        }
        Client::Node | Client::Loopback => Some(Arrival::Node { from: None }),
    }
}

fn nobodys(family: IpFamily) -> impl Iterator<Item = IpAddr> {
    NOBODYS.into_iter().map(move |pair| pair[family as usize])
}

fn nobody(port: &ServicePort) -> IpAddr {
    NOBODYS[0][port.key.family as usize]
}

fn hosts(net: IpNet) -> impl Iterator<Item = IpAddr> {
    net.hosts().take(TRIED)
}

/// Whether an address is neither the node's nor an endpoint's.
fn is_nobodys(address: IpAddr, program: &Program, port: &ServicePort) -> bool {
    let mut endpoints = port.endpoints.iter();
    !program.node.addresses.contains(&address) && !endpoints.any(|one| one.address == address)
}

/// An interface that local pods do not come in through.
fn uplink(local: &LocalTraffic) -> Option<InterfaceName> {
    let pods = |name: &str| match local {
        LocalTraffic::Unknown | LocalTraffic::Source(_) => false,
        LocalTraffic::Interface(own) => own.as_str() == name,
        LocalTraffic::InterfacePrefix(prefix) => name.starts_with(prefix.as_str()),
    };
    let name = UPLINKS.into_iter().find(|name| !pods(name))?;
    InterfaceName::parse(name).ok()
}
