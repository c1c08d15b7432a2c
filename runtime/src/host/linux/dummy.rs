//! kube-ipvs0, over rtnetlink.

use std::io;
use std::net::IpAddr;

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{InfoKind, LinkAttribute, LinkInfo, LinkMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use portolan_compiler::apply::DummyRequest;
use portolan_compiler::kernel::dummy::INTERFACE;
use portolan_compiler::model::IpFamily;
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

/// Carries out changes, in order.
pub(super) fn change(changes: &[DummyRequest]) -> Result<(), HostError> {
    carry_out(changes).map_err(|source| HostError::Change {
        what: "kube-ipvs0",
        source,
    })
}

fn carry_out(changes: &[DummyRequest]) -> io::Result<()> {
    let mut netlink = Netlink::open(NETLINK_ROUTE)?;
    let mut link = index(&mut netlink)?;
    let known = |link: Option<u32>| link.ok_or_else(|| io::Error::from_raw_os_error(NO_DEVICE));
    for change in changes {
        match change {
            DummyRequest::AddLink => {
                let mut new = LinkMessage::default();
                new.attributes = vec![
                    LinkAttribute::IfName(INTERFACE.to_owned()),
                    LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Dummy)]),
                ];
                let request = RouteNetlinkMessage::NewLink(new);
                netlink.change(request, NLM_F_CREATE | NLM_F_EXCL)?;
                link = index(&mut netlink)?;
            }
            DummyRequest::RemoveLink => {
                let mut old = LinkMessage::default();
                old.header.index = known(link)?;
                netlink.change(RouteNetlinkMessage::DelLink(old), 0)?;
                link = None;
            }
            DummyRequest::AddAddress(address) => {
                let request = alone(*address, known(link)?);
                let request = RouteNetlinkMessage::NewAddress(request);
                netlink.change(request, NLM_F_CREATE | NLM_F_EXCL)?;
            }
            DummyRequest::RemoveAddress(address) => {
                let request = alone(*address, known(link)?);
                netlink.change(RouteNetlinkMessage::DelAddress(request), 0)?;
            }
        }
    }
    Ok(())
}

/// An address that is alone in its network.
fn alone(address: IpAddr, index: u32) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header.family = match address {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    };
    message.header.prefix_len = IpFamily::of(address).host_prefix();
    message.header.index = index;
    message.attributes = vec![
        AddressAttribute::Local(address),
        AddressAttribute::Address(address),
    ];
    message
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
