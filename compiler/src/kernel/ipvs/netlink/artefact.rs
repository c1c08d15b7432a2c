//! The artefact `ipvs.nl`: a stream of requests as a netlink socket takes them, one after the
//! other, apart from the family id, which every boot of a kernel chooses anew.
//!
//! Little-endian on every machine (ports and IPv4 netmasks in network order, as ever), messages
//! numbered from 1, family id (`nlmsg_type`) 0, port id 0, flags `NLM_F_REQUEST | NLM_F_ACK`.

use std::borrow::Cow;
use std::fmt;

use netlink_packet_core::{NetlinkBuffer, NetlinkDeserializable, NetlinkHeader, Parseable};
use netlink_packet_generic::GenlMessage;

use super::attribute::Space;
use super::byte_order::{Order, turn_messages};
use super::template::{DestinationTemplate, HEADER, ServiceTemplate, lay_out};
use super::{IpvsAttr, IpvsMessage, Operation, OperationError};
use crate::kernel::ipvs::VirtualServer;

/// Length of a message `NEW_SERVICE` in bytes, but for long names of schedulers.
const NEW_SERVICE: usize = 104;
/// Length of a message `NEW_DEST` in bytes.
const NEW_DEST: usize = 200;
/// `NLMSG_MIN_TYPE`: types below are netlink's own; 0 is ours to be filled in.
const FIRST_FAMILY: u16 = 16;

/// A message of the artefact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// Its number (`nlmsg_seq`).
    pub sequence: u32,
    /// Command and attributes of the message.
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
        /// `nlmsg_type`, as found.
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
    let destinations: usize = servers.iter().map(|server| server.destinations.len()).sum();
    let mut stream = Stream::default();
    stream
        .bytes
        .reserve(servers.len() * NEW_SERVICE + destinations * NEW_DEST);
    for server in servers {
        stream.server(server);
    }
    finished(stream.bytes)
}

/// Writes operations, in the given order.
pub fn encode_operations(operations: &[Operation]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (operation, number) in operations.iter().zip(1..) {
        bytes.extend(lay_out(&IpvsMessage::from(operation), number));
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
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    messages: u32,
    service: Option<ServiceTemplate>,
    destination: Option<DestinationTemplate>,
}

impl Stream {
    /// A virtual server, then its destinations.
    fn server(&mut self, server: &VirtualServer) {
        let service = match &mut self.service {
            Some(template) if template.fits(server) => template,
            other => other.insert(ServiceTemplate::new(server)),
        };
        self.messages += 1;
        self.bytes
            .extend_from_slice(service.fill(server, self.messages));
        for destination in &server.destinations {
            let template = match &mut self.destination {
                Some(template) if template.fits(server.key, destination) => template,
                other => other.insert(DestinationTemplate::new(server.key, destination)),
            };
            self.messages += 1;
            let message = template.fill(server.key, destination, self.messages);
            self.bytes.extend_from_slice(message);
        }
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
    use crate::kernel::ipvs;
    use crate::kernel::ipvs::netlink::virtual_servers;

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
