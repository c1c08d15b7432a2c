//! Messages of netfilter's subsystems (`linux/netfilter/nfnetlink.h`).

use std::io;

use netlink_packet_core::{
    DecodeError, NLA_TYPE_MASK, NetlinkDeserializable, NetlinkHeader, NetlinkSerializable,
    NlasIterator,
};
use netlink_sys::protocols::NETLINK_NETFILTER;

use super::Netlink;

/// `struct nfgenmsg` before the attributes: family, version, resource.
const FAMILY_HEADER: usize = 4;

/// Families of its header.
pub(in super::super) const AF_INET: u8 = 2;
pub(in super::super) const AF_INET6: u8 = 10;

/// A question, or an answer, with its attributes as they come.
#[derive(Debug, Clone)]
pub(in super::super) struct Message {
    /// Number of the subsystem, and of the message in it.
    pub(in super::super) kind: u16,
    pub(in super::super) family: u8,
    pub(in super::super) attributes: Vec<u8>,
}

impl Netlink {
    /// A socket to netfilter's subsystems.
    pub(in super::super) fn netfilter() -> io::Result<Self> {
        Self::open(NETLINK_NETFILTER)
    }
}

impl NetlinkSerializable for Message {
    fn message_type(&self) -> u16 {
        self.kind
    }

    fn buffer_len(&self) -> usize {
        FAMILY_HEADER + self.attributes.len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        let (header, attributes) = buffer.split_at_mut(FAMILY_HEADER);
        header.copy_from_slice(&[self.family, 0, 0, 0]);
        attributes.copy_from_slice(&self.attributes);
    }
}

impl NetlinkDeserializable for Message {
    type Error = DecodeError;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Self, DecodeError> {
        let attributes = payload.get(FAMILY_HEADER..);
        Ok(Self {
            kind: header.message_type,
            family: payload.first().copied().unwrap_or_default(),
            attributes: attributes.ok_or("a message without a header")?.to_vec(),
        })
    }
}

/// The value of the first attribute of a kind.
pub(in super::super) fn attribute(
    attributes: &[u8],
    kind: u16,
) -> Result<Option<Vec<u8>>, DecodeError> {
    for attribute in NlasIterator::new(attributes) {
        let attribute = attribute?;
        if attribute.kind() & NLA_TYPE_MASK == kind {
            return Ok(Some(attribute.value().to_vec()));
        }
    }
    Ok(None)
}

/// An answer that makes no sense.
pub(in super::super) fn damaged(error: &DecodeError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}
