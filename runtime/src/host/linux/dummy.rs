//! kube-ipvs0, over rtnetlink.

use std::io;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::{LinkAttribute, LinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use portolan_compiler::back::ipvs::INTERFACE;
use portolan_compiler::observed::Dummy;

use super::addresses::own;
use super::netlink::Netlink;
use crate::host::HostError;

/// `ENODEV`: no interface of this name.
const NO_DEVICE: i32 = 19;

/// The link, if it is there, and its addresses.
pub(super) fn read() -> Result<Dummy, HostError> {
    addresses().map_err(|source| HostError::Kernel {
        what: "the addresses of kube-ipvs0",
        source,
    })
}

fn addresses() -> io::Result<Dummy> {
    let mut netlink = Netlink::open(NETLINK_ROUTE)?;
    let Some(index) = index(&mut netlink)? else {
        return Ok(Dummy::Absent);
    };
    let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
    let messages = netlink.dump(&request)?;
    let addresses = messages.iter().filter_map(|message| match message {
        RouteNetlinkMessage::NewAddress(message) if message.header.index == index => own(message),
        _ => None,
    });
    Ok(Dummy::Present(
        addresses.map(|(address, _)| address).collect(),
    ))
}

fn index(netlink: &mut Netlink) -> io::Result<Option<u32>> {
    let mut link = LinkMessage::default();
    link.attributes
        .push(LinkAttribute::IfName(INTERFACE.to_owned()));
    let answers = match netlink.get(&RouteNetlinkMessage::GetLink(link)) {
        Err(error) if error.raw_os_error() == Some(NO_DEVICE) => return Ok(None),
        answers => answers?,
    };
    Ok(answers.iter().find_map(|answer| match answer {
        RouteNetlinkMessage::NewLink(link) => Some(link.header.index),
        _ => None,
    }))
}
