//! Messages made by copying: a node has them by the hundred thousand, they differ in a few values,
//! and laying out their attributes is most of the work.

use std::ops::Range;

use netlink_packet_core::{Emitable, NLM_F_ACK, NLM_F_REQUEST, NetlinkHeader, Nla};
use netlink_packet_generic::{GenlFamily, GenlHeader};

use super::operation::{new_dest, new_service};
use super::request::{address_bytes, reference_attrs, weight};
use super::{DestAttr, IpvsAttr, IpvsMessage, NetU16, ServiceAttr};
use crate::kernel::ipvs::{Destination, Persistence, Scheduler, VirtualServer};
use crate::model::{IpFamily, TransportAddress};

/// Length of `nlmsghdr` in bytes.
pub(super) const HEADER: usize = 16;
/// Length of `nlmsghdr` and `genlmsghdr` in bytes.
const HEADERS: usize = 20;
/// Length of `nlattr` in bytes.
const ATTRIBUTE: usize = 4;
/// Offset of `nlmsg_seq`.
const SEQUENCE: usize = 8;

/// A message with its headers, in the machine's order. All attributes are padded, so what comes
/// after it starts aligned.
pub(super) fn lay_out(message: &IpvsMessage, number: u32) -> Vec<u8> {
    let mut bytes = vec![0; HEADERS + message.buffer_len()];
    let mut header = NetlinkHeader::default();
    header.length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    header.flags = NLM_F_REQUEST | NLM_F_ACK;
    header.sequence_number = number;
    let generic = GenlHeader {
        cmd: message.command(),
        version: message.version(),
    };
    header.emit(&mut bytes[..HEADER]);
    generic.emit(&mut bytes[HEADER..HEADERS]);
    message.emit(&mut bytes[HEADERS..]);
    bytes
}

/// A `NEW_SERVICE` message that others differ from in protocol, address and port only.
#[derive(Debug)]
pub(super) struct ServiceTemplate {
    message: Vec<u8>,
    key: KeyPlaces,
    family: IpFamily,
    scheduler: Scheduler,
    persistence: Persistence,
}

impl ServiceTemplate {
    pub(super) fn new(server: &VirtualServer) -> Self {
        let message = lay_out(&new_service(server), 0);
        Self {
            key: KeyPlaces::of(&message),
            message,
            family: IpFamily::of(server.key.address),
            scheduler: server.scheduler,
            persistence: server.persistence,
        }
    }

    pub(super) fn fits(&self, server: &VirtualServer) -> bool {
        self.family == IpFamily::of(server.key.address)
            && self.scheduler == server.scheduler
            && self.persistence == server.persistence
    }

    /// The message about a virtual server that it fits.
    pub(super) fn fill(&mut self, server: &VirtualServer, number: u32) -> &[u8] {
        set(&mut self.message, SEQUENCE, &number.to_ne_bytes());
        self.key.fill(&mut self.message, server.key);
        &self.message
    }
}

/// A `NEW_DEST` message that others differ from in the virtual server's protocol, address and port,
/// and in the destination's address, port and weight only.
#[derive(Debug)]
pub(super) struct DestinationTemplate {
    message: Vec<u8>,
    key: KeyPlaces,
    address: usize,
    port: usize,
    weight: usize,
    families: [IpFamily; 2],
}

impl DestinationTemplate {
    pub(super) fn new(key: TransportAddress, destination: &Destination) -> Self {
        let service = IpvsAttr::Service(reference_attrs(key));
        let message = lay_out(&new_dest(service, destination), 0);
        let nest = attribute(&message, HEADERS, IpvsAttr::Dest(Vec::new()).kind());
        let within = |kind| attribute(&message[..nest.end], nest.start, kind).start;
        Self {
            key: KeyPlaces::of(&message),
            address: within(DestAttr::Addr([0; 16]).kind()),
            port: within(DestAttr::Port(NetU16(0)).kind()),
            weight: within(DestAttr::Weight(0).kind()),
            message,
            families: families(key, destination),
        }
    }

    pub(super) fn fits(&self, key: TransportAddress, destination: &Destination) -> bool {
        self.families == families(key, destination)
    }

    /// The message about a destination that it fits.
    pub(super) fn fill(
        &mut self,
        key: TransportAddress,
        destination: &Destination,
        number: u32,
    ) -> &[u8] {
        let message = &mut self.message;
        set(message, SEQUENCE, &number.to_ne_bytes());
        self.key.fill(message, key);
        set(message, self.address, &address_bytes(destination.address));
        set(message, self.port, &destination.port.get().to_be_bytes());
        set(message, self.weight, &weight(destination).to_ne_bytes());
        message
    }
}

fn families(key: TransportAddress, destination: &Destination) -> [IpFamily; 2] {
    [key.address, destination.address].map(IpFamily::of)
}

/// Where a message has what names its virtual server.
#[derive(Debug)]
struct KeyPlaces {
    protocol: usize,
    address: usize,
    port: usize,
}

impl KeyPlaces {
    fn of(message: &[u8]) -> Self {
        let nest = attribute(message, HEADERS, IpvsAttr::Service(Vec::new()).kind());
        let within = |kind| attribute(&message[..nest.end], nest.start, kind).start;
        Self {
            protocol: within(ServiceAttr::Protocol(0).kind()),
            address: within(ServiceAttr::Addr([0; 16]).kind()),
            port: within(ServiceAttr::Port(NetU16(0)).kind()),
        }
    }

    fn fill(&self, message: &mut [u8], key: TransportAddress) {
        let protocol = u16::from(key.protocol.number());
        set(message, self.protocol, &protocol.to_ne_bytes());
        set(message, self.address, &address_bytes(key.address));
        set(message, self.port, &key.port.get().to_be_bytes());
    }
}

fn set(message: &mut [u8], at: usize, value: &[u8]) {
    message[at..at + value.len()].copy_from_slice(value);
}

/// The value of the first attribute of a kind, from an offset on: one that was laid out there.
fn attribute(message: &[u8], mut at: usize, wanted: u16) -> Range<usize> {
    // The two highest bits say how the value is written.
    const KIND: u16 = 0x3fff;
    loop {
        let number = |at: usize| u16::from_ne_bytes([message[at], message[at + 1]]);
        let length = usize::from(number(at));
        if (number(at + 2) ^ wanted) & KIND == 0 {
            return at + ATTRIBUTE..at + length;
        }
        at += length.next_multiple_of(4);
    }
}
