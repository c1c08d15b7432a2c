//! Interfaces and their addresses, over rtnetlink.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use portolan_compiler::front::facts::Interface;
use portolan_compiler::kernel::dummy::INTERFACE;

use super::addresses::own;
use super::netlink::Netlink;
use crate::host::HostError;

/// Name of an interface, and its addresses with their prefix lengths.
type Link = (String, Vec<(IpAddr, u8)>);

/// All interfaces but loopback and kube-ipvs0, with all their addresses, up or down: kube-proxy asks
/// for the same. Sorted by name, IPv4 first.
pub(super) fn observe() -> Result<Vec<Interface>, HostError> {
    let fail = |source| HostError::Kernel {
        what: "its interfaces and their addresses",
        source,
    };
    let mut netlink = Netlink::open(NETLINK_ROUTE).map_err(fail)?;
    let mut interfaces = links(&mut netlink).map_err(fail)?;
    let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
    for message in netlink.dump(&request).map_err(fail)? {
        if let RouteNetlinkMessage::NewAddress(message) = message
            && let Some((_, addresses)) = interfaces.get_mut(&message.header.index)
        {
            addresses.extend(own(&message));
        }
    }
    let mut list: Vec<Interface> = interfaces
        .into_values()
        .map(|(name, mut addresses)| {
            addresses.sort_unstable();
            addresses.dedup();
            let text = |(address, length)| format!("{address}/{length}");
            Interface {
                name,
                addresses: addresses.into_iter().map(text).collect(),
            }
        })
        .collect();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(list)
}

/// Names by index.
fn links(netlink: &mut Netlink) -> io::Result<BTreeMap<u32, Link>> {
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

fn named(link: LinkMessage) -> Option<(u32, Link)> {
    if link.header.flags.contains(LinkFlags::Loopback) {
        return None;
    }
    let index = link.header.index;
    link.attributes
        .into_iter()
        .find_map(|attribute| match attribute {
            // Its addresses are the Services' and not the node's.
            LinkAttribute::IfName(name) if name == INTERFACE => None,
            LinkAttribute::IfName(name) => Some((index, (name, Vec::new()))),
            _ => None,
        })
}
