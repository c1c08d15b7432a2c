//! Interfaces and their addresses, over rtnetlink.

use std::collections::BTreeMap;
use std::io;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use portolan_compiler::front::facts::Interface;
use portolan_compiler::kernel::dummy::INTERFACE;
use portolan_compiler::observed::{Link, LinkAddress};

use super::addresses::own;
use super::netlink::Netlink;
use crate::host::HostError;

/// A link, and whether it is loopback.
type Listed = (Link, Loopback);

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loopback {
    Yes,
    No,
}

/// All interfaces but loopback and kube-ipvs0, with all their addresses, up or down: kube-proxy asks
/// for the same. Sorted by name, IPv4 first.
pub(super) fn observe() -> Result<Vec<Interface>, HostError> {
    let listed = listed()?;
    let others = listed.into_iter().filter(|(_, is)| *is == Loopback::No);
    let interface = |(link, _): Listed| Interface {
        addresses: link.addresses.iter().map(ToString::to_string).collect(),
        name: link.name,
    };
    Ok(others.map(interface).collect())
}

/// All links but kube-ipvs0, loopback too, sorted alike.
pub(super) fn links() -> Result<Vec<Link>, HostError> {
    Ok(listed()?.into_iter().map(|(link, _)| link).collect())
}

fn listed() -> Result<Vec<Listed>, HostError> {
    let fail = |source| HostError::Kernel {
        what: "its interfaces and their addresses",
        source,
    };
    let mut netlink = Netlink::open(NETLINK_ROUTE).map_err(fail)?;
    let mut listed = by_index(&mut netlink).map_err(fail)?;
    let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
    for message in netlink.dump(&request).map_err(fail)? {
        if let RouteNetlinkMessage::NewAddress(message) = message
            && let Some((link, _)) = listed.get_mut(&message.header.index)
        {
            link.addresses
                .extend(own(&message).map(|(address, length)| LinkAddress {
                    address,
                    length: Some(length),
                }));
        }
    }
    let mut list: Vec<Listed> = listed.into_values().collect();
    for (link, _) in &mut list {
        link.addresses.sort_unstable();
        link.addresses.dedup();
    }
    list.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    Ok(list)
}

/// Links by their index, without addresses.
fn by_index(netlink: &mut Netlink) -> io::Result<BTreeMap<u32, Listed>> {
    let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
    let messages = netlink.dump(&request)?;
    Ok(messages
        .into_iter()
        .filter_map(|message| match message {
            RouteNetlinkMessage::NewLink(link) => named(link),
            _ => None,
        })
        .collect())
}

fn named(link: LinkMessage) -> Option<(u32, Listed)> {
    let loopback = if link.header.flags.contains(LinkFlags::Loopback) {
        Loopback::Yes
    } else {
        Loopback::No
    };
    let index = link.header.index;
    let name = link
        .attributes
        .into_iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::IfName(name) => Some(name),
            _ => None,
        })?;
    let link = Link {
        name,
        addresses: Vec::new(),
    };
    // Its addresses are the Services' and not the node's.
    (link.name != INTERFACE).then_some((index, (link, loopback)))
}
