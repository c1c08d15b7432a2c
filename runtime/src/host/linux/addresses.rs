//! Addresses in rtnetlink's messages.

use std::net::IpAddr;

use netlink_packet_route::address::{AddressAttribute, AddressMessage};

/// The node's own address: on a point-to-point link `IFA_ADDRESS` is the peer's and `IFA_LOCAL` ours.
pub(super) fn own(message: &AddressMessage) -> Option<(IpAddr, u8)> {
    let own = |attribute: &AddressAttribute| match attribute {
        AddressAttribute::Local(address) => Some(*address),
        _ => None,
    };
    let any = |attribute: &AddressAttribute| match attribute {
        AddressAttribute::Address(address) => Some(*address),
        _ => None,
    };
    let attributes = &message.attributes;
    let address = attributes
        .iter()
        .find_map(own)
        .or_else(|| attributes.iter().find_map(any))?;
    Some((address, message.header.prefix_len))
}
