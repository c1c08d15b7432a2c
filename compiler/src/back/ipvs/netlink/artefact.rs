//! The artefact `ipvs.nl`: a stream of requests as a netlink socket takes them, one after the
//! other, apart from the family id, which every boot of a kernel chooses anew.
//!
//! Little-endian on every machine (ports and IPv4 netmasks in network order, as ever), messages
//! numbered from 1, family id (`nlmsg_type`) 0, port id 0, flags `NLM_F_REQUEST | NLM_F_ACK`.

use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;
use std::mem;
use std::net::IpAddr;
use std::ops::Range;

use netlink_packet_core::{
    Emitable, NLM_F_ACK, NLM_F_REQUEST, NetlinkBuffer, NetlinkDeserializable, NetlinkHeader, Nla,
    Parseable,
};
use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};
use rayon::prelude::*;

use super::attribute::Space;
use super::byte_order::{Order, turn_messages};
use super::operation::{new_dest, new_service};
use super::request::reference_attrs;
use super::{DestAttr, IpvsAttr, IpvsMessage, NetU16, Operation, OperationError};
use crate::back::ipvs::{Destination, VirtualServer};
use crate::model::IpFamily;

/// Length of `nlmsghdr` in bytes.
const HEADER: usize = 16;
/// Length of `nlmsghdr` and `genlmsghdr` in bytes.
const HEADERS: usize = 20;
/// Length of `nlattr` in bytes.
const ATTRIBUTE: usize = 4;
/// Offset of `nlmsg_seq`.
const SEQUENCE: usize = 8;
/// `NLMSG_MIN_TYPE`: types below are netlink's own; 0 is ours to be filled in.
const FIRST_FAMILY: u16 = 16;

/// A message of the artefact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// Its number (`nlmsg_seq`).
    pub sequence: u32,
    /// The message.
    pub message: IpvsMessage,
}

impl fmt::Display for Numbered {
    /// For people: `seq 1  NEW_SERVICE  tcp 10.96.0.1:443 sched rr`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seq {}  {}", self.sequence, self.message)
    }
}

/// Why bytes are no such artefact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The end of the file is missing.
    #[error("byte {offset}: the file ends within a message; it may be cut off")]
    CutOff {
        /// Where the message starts.
        offset: usize,
    },
    /// A message shorter than its headers.
    #[error("byte {offset}: a message of {length} bytes; expected at least its headers")]
    TooShort {
        /// Where the message starts.
        offset: usize,
        /// What it says its length is.
        length: usize,
    },
    /// A message of netlink itself, such as an error.
    #[error("byte {offset}: message type {found}; expected 0 or the id of the IPVS family")]
    Type {
        /// Where the message starts.
        offset: usize,
        /// Its type.
        found: u16,
    },
    /// A message missing or out of order.
    #[error("byte {offset}: message number {found}; expected {expected}")]
    Sequence {
        /// Where the message starts.
        offset: usize,
        /// The number it should have.
        expected: u32,
        /// The number it has.
        found: u32,
    },
    /// An unknown command, or attributes that cannot be read.
    #[error("byte {offset}: {reason}")]
    Malformed {
        /// Where the message starts.
        offset: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A message that portolan does not write.
    #[error("message number {sequence}: {reason}")]
    Operation {
        /// The message's number.
        sequence: u32,
        /// What is wrong with it.
        reason: OperationError,
    },
}

/// Writes virtual servers: for each one `NEW_SERVICE`, then `NEW_DEST` for each of its
/// destinations, in the given order.
pub fn encode(servers: &[VirtualServer]) -> Vec<u8> {
    let shares: Vec<(&[VirtualServer], Length)> = servers
        .par_chunks(SHARE)
        .map(|share| (share, share.iter().map(Length::of).sum()))
        .collect();
    let whole: Length = shares.iter().map(|(_, length)| *length).sum();
    let mut bytes = vec![0; whole.bytes];
    let mut rest = bytes.as_mut_slice();
    let mut before = 0;
    let mut work = Vec::with_capacity(shares.len());
    for (share, length) in shares {
        let (room, after) = rest.split_at_mut(length.bytes);
        work.push((share, Stream::new(room, before)));
        rest = after;
        before += length.messages;
    }
    work.into_par_iter()
        .for_each(|(share, mut stream)| share.iter().for_each(|server| stream.server(server)));
    finished(bytes)
}

/// Writes operations, in the given order.
pub fn encode_operations(operations: &[Operation]) -> Vec<u8> {
    let messages: Vec<IpvsMessage> = operations.iter().map(IpvsMessage::from).collect();
    let mut bytes = vec![0; messages.iter().map(length).sum()];
    let mut stream = Stream::new(&mut bytes, 0);
    for message in &messages {
        stream.push(message);
    }
    finished(bytes)
}

fn finished(bytes: Vec<u8>) -> Vec<u8> {
    turned(bytes.into(), Order::HOST, Order::Little).into_owned()
}

/// Reads operations.
///
/// # Errors
/// Bytes that are no such stream, or a message that portolan does not write.
pub fn decode(bytes: &[u8]) -> Result<Vec<Operation>, DecodeError> {
    messages(bytes)?
        .iter()
        .map(|Numbered { sequence, message }| {
            Operation::try_from(message).map_err(|reason| DecodeError::Operation {
                sequence: *sequence,
                reason,
            })
        })
        .collect()
}

/// Reads messages, whatever they ask for: what is shown to people.
///
/// # Errors
/// Bytes that are no such stream.
pub fn messages(bytes: &[u8]) -> Result<Vec<Numbered>, DecodeError> {
    let bytes = turned(bytes.into(), Order::Little, Order::HOST);
    let mut found = Vec::new();
    let mut offset = 0;
    let mut expected = 1;
    while offset < bytes.len() {
        let rest = &bytes[offset..];
        if rest.len() < HEADER {
            return Err(DecodeError::CutOff { offset });
        }
        let malformed = |error: netlink_packet_core::DecodeError| DecodeError::Malformed {
            offset,
            reason: error.to_string(),
        };
        let header = NetlinkHeader::parse(&NetlinkBuffer::new(rest)).map_err(malformed)?;
        let length = header.length as usize;
        if length < HEADER {
            return Err(DecodeError::TooShort { offset, length });
        }
        let payload = rest
            .get(HEADER..length)
            .ok_or(DecodeError::CutOff { offset })?;
        if (1..FIRST_FAMILY).contains(&header.message_type) {
            return Err(DecodeError::Type {
                offset,
                found: header.message_type,
            });
        }
        if header.sequence_number != expected {
            return Err(DecodeError::Sequence {
                offset,
                expected,
                found: header.sequence_number,
            });
        }
        let message =
            GenlMessage::<IpvsMessage>::deserialize(&header, payload).map_err(malformed)?;
        found.push(Numbered {
            sequence: expected,
            message: message.payload,
        });
        expected += 1;
        offset += length.next_multiple_of(4);
    }
    Ok(found)
}

/// The stream while it is written, in the machine's order.
/// Virtual servers that one thread writes at a time.
const SHARE: usize = 512;

/// How long the messages about a virtual server are.
#[derive(Debug, Clone, Copy, Default)]
struct Length {
    bytes: usize,
    messages: u32,
}

impl Length {
    fn of(server: &VirtualServer) -> Self {
        // All messages about destinations are equally long.
        let each = server.destinations.first().map_or(0, |destination| {
            let service = IpvsAttr::Service(reference_attrs(server.key));
            length(&new_dest(service, destination))
        });
        let destinations = server.destinations.len();
        Self {
            bytes: length(&new_service(server)) + destinations * each,
            messages: u32::try_from(1 + destinations).unwrap_or(u32::MAX),
        }
    }
}

impl Sum for Length {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::default(), |a, b| Self {
            bytes: a.bytes + b.bytes,
            messages: a.messages.saturating_add(b.messages),
        })
    }
}

/// All attributes are padded, so the message after it starts aligned.
fn length(message: &IpvsMessage) -> usize {
    HEADERS + message.buffer_len()
}

/// Messages that follow one another.
struct Stream<'r> {
    /// As much as is not written yet.
    room: &'r mut [u8],
    messages: u32,
}

impl<'r> Stream<'r> {
    /// Begins after so many messages; `room` is as long as what is to be written.
    fn new(room: &'r mut [u8], messages: u32) -> Self {
        Self { room, messages }
    }

    fn take(&mut self, length: usize) -> &'r mut [u8] {
        let (taken, rest) = mem::take(&mut self.room).split_at_mut(length);
        self.room = rest;
        taken
    }

    /// A virtual server, then its destinations.
    fn server(&mut self, server: &VirtualServer) {
        self.push(&new_service(server));
        let mut template: Option<Template> = None;
        for destination in &server.destinations {
            if let Some(template) = template
                .as_ref()
                .filter(|template| template.fits(destination))
            {
                self.push_like(template, destination);
                continue;
            }
            let service = IpvsAttr::Service(reference_attrs(server.key));
            let message = self.push(&new_dest(service, destination));
            template = Template::of(message, destination);
            debug_assert!(template.is_some(), "every NEW_DEST has these attributes");
        }
    }

    fn push(&mut self, message: &IpvsMessage) -> &'r [u8] {
        self.messages += 1;
        let length = length(message);
        let mut header = NetlinkHeader::default();
        header.length = u32::try_from(length).unwrap_or(u32::MAX);
        header.flags = NLM_F_REQUEST | NLM_F_ACK;
        header.sequence_number = self.messages;
        let generic = GenlHeader {
            cmd: message.command(),
            version: message.version(),
        };
        let buffer = self.take(length);
        header.emit(&mut buffer[..HEADER]);
        generic.emit(&mut buffer[HEADER..HEADERS]);
        message.emit(&mut buffer[HEADERS..]);
        buffer
    }

    fn push_like(&mut self, template: &Template, destination: &Destination) {
        self.messages += 1;
        let number = self.messages;
        let buffer = self.take(template.message.len());
        buffer.copy_from_slice(&template.message);
        let mut set = |at: usize, value: &[u8]| {
            buffer[at..][..value.len()].copy_from_slice(value);
        };
        set(SEQUENCE, &number.to_ne_bytes());
        match destination.address {
            IpAddr::V4(address) => set(template.address, &address.octets()),
            IpAddr::V6(address) => set(template.address, &address.octets()),
        }
        set(template.port, &destination.port.get().to_be_bytes());
        // The kernel's weights are signed, and it refuses negative ones.
        let weight = i32::try_from(destination.weight).unwrap_or(i32::MAX);
        set(template.weight, &weight.to_ne_bytes());
    }
}

/// A `NEW_DEST` message that others differ from in address, port and weight only. A virtual server
/// may have thousands of destinations, and laying out attributes is most of the work.
struct Template {
    message: Vec<u8>,
    family: IpFamily,
    address: usize,
    port: usize,
    weight: usize,
}

impl Template {
    /// Looks up where in a message the values stand; `None` where one of them does not.
    fn of(message: &[u8], destination: &Destination) -> Option<Self> {
        let service = attribute(message, HEADERS, IpvsAttr::Service(Vec::new()).kind())?;
        let nest = attribute(
            message,
            service.start - ATTRIBUTE,
            IpvsAttr::Dest(Vec::new()).kind(),
        )?;
        let within = |kind| attribute(&message[..nest.end], nest.start, kind);
        Some(Self {
            family: IpFamily::of(destination.address),
            address: within(DestAttr::Addr([0; 16]).kind())?.start,
            port: within(DestAttr::Port(NetU16(0)).kind())?.start,
            weight: within(DestAttr::Weight(0).kind())?.start,
            message: message.to_vec(),
        })
    }

    fn fits(&self, destination: &Destination) -> bool {
        self.family == IpFamily::of(destination.address)
    }
}

/// The value of the first attribute of a kind, from an offset on.
fn attribute(bytes: &[u8], mut at: usize, wanted: u16) -> Option<Range<usize>> {
    // The two highest bits say how the value is written.
    const KIND: u16 = 0x3fff;
    loop {
        let [l0, l1, k0, k1] = *bytes.get(at..)?.first_chunk()?;
        let length = usize::from(u16::from_ne_bytes([l0, l1]));
        if length < ATTRIBUTE {
            return None;
        }
        if (u16::from_ne_bytes([k0, k1]) ^ wanted) & KIND == 0 {
            return Some(at + ATTRIBUTE..at + length);
        }
        at += length.next_multiple_of(4);
    }
}

fn turned(mut stream: Cow<'_, [u8]>, from: Order, to: Order) -> Cow<'_, [u8]> {
    if from != to {
        turn_messages(stream.to_mut(), from, IpvsAttr::turn);
    }
    stream
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::back::ipvs;
    use crate::back::ipvs::netlink::virtual_servers;

    const RULES: &str = "\
-A -t 10.96.0.1:443 -s rr -p 10800
-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 1
-a -t 10.96.0.1:443 -r 10.0.0.6:6443 -m -w 0
-A -u [fd00::1]:53 -s mh -b mh-port
";

    fn stream() -> Vec<u8> {
        encode(&ipvs::read(RULES).unwrap().servers)
    }

    #[test]
    fn a_stream_can_be_read_by_people() {
        let shown: Vec<String> = messages(&stream())
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            shown,
            [
                "seq 1  NEW_SERVICE  tcp 10.96.0.1:443 sched rr persistent 10800",
                "seq 2  NEW_DEST  tcp 10.96.0.1:443 -> 10.0.0.5:6443 masq weight 1",
                "seq 3  NEW_DEST  tcp 10.96.0.1:443 -> 10.0.0.6:6443 masq weight 0",
                "seq 4  NEW_SERVICE  udp [fd00::1]:53 sched mh mh-port",
            ]
        );
    }

    #[test]
    fn a_stream_gives_back_what_it_came_from() {
        let operations = decode(&stream()).unwrap();
        assert_eq!(encode_operations(&operations), stream());
        let servers = virtual_servers(operations).unwrap();
        assert_eq!(servers, ipvs::read(RULES).unwrap().servers);
    }

    #[test]
    fn a_family_id_that_is_filled_in_does_no_harm() {
        let mut bytes = stream();
        bytes[4] = 32;
        assert_eq!(decode(&bytes), decode(&stream()));
    }

    #[test]
    fn damage_is_told() {
        let damaged = |at: usize, byte: u8| {
            let mut bytes = stream();
            bytes[at] = byte;
            decode(&bytes).unwrap_err()
        };
        assert_eq!(
            decode(&stream()[..90]),
            Err(DecodeError::CutOff { offset: 0 })
        );
        assert_eq!(
            decode(&stream()[..110]),
            Err(DecodeError::CutOff { offset: 104 })
        );
        assert_eq!(
            damaged(0, 15),
            DecodeError::TooShort {
                offset: 0,
                length: 15
            }
        );
        assert_eq!(
            damaged(4, 2),
            DecodeError::Type {
                offset: 0,
                found: 2
            }
        );
        assert_eq!(
            damaged(104 + 8, 7),
            DecodeError::Sequence {
                offset: 104,
                expected: 2,
                found: 7
            }
        );
        assert_eq!(
            damaged(16, 99).to_string(),
            "byte 0: unknown IPVS command 99"
        );
        assert_eq!(
            damaged(16, 4).to_string(),
            "message number 1: GET_SERVICE is no operation of portolan's"
        );
        assert_eq!(
            damaged(36, 1).to_string(),
            "message number 1: NEW_SERVICE of something that has IP protocol 1"
        );
    }
}
