//! What the kernel says of its ruleset as a whole (`linux/netfilter/nf_tables.h`).

use std::io;

use netlink_packet_core::{
    DecodeError, NLA_TYPE_MASK, NetlinkDeserializable, NetlinkHeader, NetlinkSerializable,
    NlasIterator,
};
use netlink_sys::protocols::NETLINK_NETFILTER;
use portolan_compiler::model::IpFamily;

use super::super::netlink::Netlink;
use crate::host::HostError;

/// `NFNL_SUBSYS_NFTABLES`, and in it `NFT_MSG_GETTABLE` and `NFT_MSG_GETGEN`.
const GET_TABLE: u16 = 10 << 8 | 1;
const GET_GENERATION: u16 = 10 << 8 | 16;

/// `NFTA_TABLE_NAME`.
const TABLE_NAME: u16 = 1;

/// `NFTA_GEN_ID` and `NFTA_GEN_PROC_NAME`.
const ID: u16 = 1;
const PROCESS: u16 = 3;

/// `struct nfgenmsg` before the attributes.
const FAMILY_HEADER: usize = 4;

/// The ruleset's generation: another number after every change. 0 where the kernel has not loaded
/// nftables.
pub(super) fn generation() -> Result<u32, HostError> {
    let value = attribute(GET_GENERATION, 0, ID)?;
    let bytes = value
        .first()
        .and_then(|value| value.get(..4)?.try_into().ok());
    Ok(bytes.map_or(0, u32::from_be_bytes))
}

/// The program that changed the ruleset last, where the kernel says so.
pub(super) fn writer() -> Option<String> {
    let names = attribute(GET_GENERATION, 0, PROCESS).ok()?;
    let name = String::from_utf8_lossy(names.first()?).into_owned();
    Some(name.trim_end_matches('\0').to_owned())
}

/// Whether a family has a table of this name.
pub(super) fn has_table(family: IpFamily, name: &str) -> Result<bool, HostError> {
    let family = match family {
        IpFamily::V4 => 2,
        IpFamily::V6 => 10,
    };
    let names = attribute(GET_TABLE, family, TABLE_NAME)?;
    let text = |bytes: &[u8]| bytes.strip_suffix(b"\0").unwrap_or(bytes).to_vec();
    Ok(names.iter().any(|found| text(found) == name.as_bytes()))
}

/// An attribute of each answer to a question.
fn attribute(question: u16, family: u8, kind: u16) -> Result<Vec<Vec<u8>>, HostError> {
    ask(question, family, kind).map_err(|source| HostError::Kernel {
        what: "its nftables",
        source,
    })
}

fn ask(question: u16, family: u8, kind: u16) -> io::Result<Vec<Vec<u8>>> {
    let mut netlink = Netlink::open(NETLINK_NETFILTER)?;
    let request = Message {
        question,
        family,
        attributes: Vec::new(),
    };
    let asked = if question == GET_TABLE {
        netlink.dump(&request)
    } else {
        netlink.get(&request)
    };
    let answers = match asked {
        // Nothing has loaded it, and what is not there is empty.
        Err(error) if not_loaded(&error) => return Ok(Vec::new()),
        answers => answers?,
    };
    let mut found = Vec::new();
    for answer in answers {
        for attribute in NlasIterator::new(&answer.attributes) {
            let attribute = attribute
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
            if attribute.kind() & NLA_TYPE_MASK == kind {
                found.push(attribute.value().to_vec());
            }
        }
    }
    Ok(found)
}

/// `EOPNOTSUPP` of the subsystem, `EINVAL` of nfnetlink without it.
fn not_loaded(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
    )
}

/// A question, or an answer with its attributes as they come.
#[derive(Debug, Clone)]
struct Message {
    question: u16,
    family: u8,
    attributes: Vec<u8>,
}

impl NetlinkSerializable for Message {
    fn message_type(&self) -> u16 {
        self.question
    }

    fn buffer_len(&self) -> usize {
        FAMILY_HEADER
    }

    fn serialize(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&[self.family, 0, 0, 0]);
    }
}

impl NetlinkDeserializable for Message {
    type Error = DecodeError;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Self, DecodeError> {
        let attributes = payload.get(FAMILY_HEADER..);
        Ok(Self {
            question: header.message_type,
            family: payload.first().copied().unwrap_or_default(),
            attributes: attributes.ok_or("a message without a header")?.to_vec(),
        })
    }
}
