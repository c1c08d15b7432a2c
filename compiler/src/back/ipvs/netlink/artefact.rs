//! The artefact `ipvs.nl`: a stream of requests as a netlink socket takes them, one after the
//! other, apart from the family id, which every boot of a kernel chooses anew.
//!
//! Little-endian on every machine (ports and IPv4 netmasks in network order, as ever), messages
//! numbered from 1, family id (`nlmsg_type`) 0, port id 0, flags `NLM_F_REQUEST | NLM_F_ACK`.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use netlink_packet_core::{
    Emitable, NLM_F_ACK, NLM_F_REQUEST, NetlinkBuffer, NetlinkDeserializable, NetlinkHeader, Nla,
    Parseable,
};
use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};

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
/// Length of most messages in bytes: those about a destination.
const USUAL: usize = 200;
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
    let messages = servers.iter().map(|server| 1 + server.destinations.len());
    let mut stream = Stream::with_capacity(messages.sum());
    for server in servers {
        stream.push(&new_service(server));
        let mut template: Option<Template> = None;
        for destination in &server.destinations {
            if let Some(template) = template
                .as_ref()
                .filter(|template| template.fits(destination))
            {
                stream.push_like(template, destination);
                continue;
            }
            let service = IpvsAttr::Service(reference_attrs(server.key));
            let start = stream.bytes.len();
            stream.push(&new_dest(service, destination));
            template = Template::of(&stream.bytes[start..], destination);
            debug_assert!(template.is_some(), "every NEW_DEST has these attributes");
        }
    }
    stream.finish()
}

/// Writes operations, in the given order.
pub fn encode_operations(operations: &[Operation]) -> Vec<u8> {
    let mut stream = Stream::with_capacity(operations.len());
    for operation in operations {
        stream.push(&operation.into());
    }
    stream.finish()
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
struct Stream {
    bytes: Vec<u8>,
    messages: u32,
}

impl Stream {
    fn with_capacity(messages: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(messages * USUAL),
            messages: 0,
        }
    }

    fn push(&mut self, message: &IpvsMessage) {
        self.messages += 1;
        // All attributes are padded, so the next message starts aligned.
        let (start, length) = (self.bytes.len(), HEADERS + message.buffer_len());
        self.bytes.resize(start + length, 0);
        let mut header = NetlinkHeader::default();
        header.length = u32::try_from(length).unwrap_or(u32::MAX);
        header.flags = NLM_F_REQUEST | NLM_F_ACK;
        header.sequence_number = self.messages;
        let generic = GenlHeader {
            cmd: message.command(),
            version: message.version(),
        };
        let buffer = &mut self.bytes[start..];
        header.emit(&mut buffer[..HEADER]);
        generic.emit(&mut buffer[HEADER..HEADERS]);
        message.emit(&mut buffer[HEADERS..]);
    }

    fn push_like(&mut self, template: &Template, destination: &Destination) {
        self.messages += 1;
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&template.message);
        let mut set = |at: usize, value: &[u8]| {
            self.bytes[start + at..][..value.len()].copy_from_slice(value);
        };
        set(SEQUENCE, &self.messages.to_ne_bytes());
        match destination.address {
            IpAddr::V4(address) => set(template.address, &address.octets()),
            IpAddr::V6(address) => set(template.address, &address.octets()),
        }
        set(template.port, &destination.port.get().to_be_bytes());
        // The kernel's weights are signed, and it refuses negative ones.
        let weight = i32::try_from(destination.weight).unwrap_or(i32::MAX);
        set(template.weight, &weight.to_ne_bytes());
    }

    fn finish(self) -> Vec<u8> {
        turned(self.bytes.into(), Order::HOST, Order::Little).into_owned()
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
