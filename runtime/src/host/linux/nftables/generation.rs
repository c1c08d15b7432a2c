//! What the kernel says of its ruleset as a whole (`linux/netfilter/nf_tables.h`).

use std::io;

use portolan_compiler::model::IpFamily;

use super::super::netlink::Netlink;
use super::super::netlink::nfnetlink::{AF_INET, AF_INET6, Message, attribute, damaged};
use crate::host::HostError;

/// `NFNL_SUBSYS_NFTABLES`, and in it `NFT_MSG_GETTABLE` and `NFT_MSG_GETGEN`.
const GET_TABLE: u16 = 10 << 8 | 1;
const GET_GENERATION: u16 = 10 << 8 | 16;

/// `NFTA_TABLE_NAME`, the attribute that holds a table's name.
const TABLE_NAME: u16 = 1;

/// `NFTA_GEN_ID` and `NFTA_GEN_PROC_NAME`.
const ID: u16 = 1;
const PROCESS: u16 = 3;

/// The ruleset's generation: another number after every change. 0 where the kernel has not loaded
/// nftables.
pub(super) fn generation() -> Result<u32, HostError> {
    let value = attributes(GET_GENERATION, 0, ID)?;
    let bytes = value
        .first()
        .and_then(|value| value.get(..4)?.try_into().ok());
    Ok(bytes.map_or(0, u32::from_be_bytes))
}

/// Whether the kernel has nftables. It loads them for whoever asks.
pub(in super::super) fn answers() -> bool {
    attributes(GET_GENERATION, 0, ID).is_ok_and(|found| !found.is_empty())
}

/// The program that changed the ruleset last, where the kernel says so.
pub(super) fn writer() -> Option<String> {
    let names = attributes(GET_GENERATION, 0, PROCESS).ok()?;
    let name = String::from_utf8_lossy(names.first()?).into_owned();
    Some(name.trim_end_matches('\0').to_owned())
}

/// Whether a family has a table of this name.
pub(in super::super) fn has_table(family: IpFamily, name: &str) -> Result<bool, HostError> {
    let family = match family {
        IpFamily::V4 => AF_INET,
        IpFamily::V6 => AF_INET6,
    };
    let names = attributes(GET_TABLE, family, TABLE_NAME)?;
    let text = |bytes: &[u8]| bytes.strip_suffix(b"\0").unwrap_or(bytes).to_vec();
    Ok(names.iter().any(|found| text(found) == name.as_bytes()))
}

/// An attribute of each answer to a question.
fn attributes(question: u16, family: u8, kind: u16) -> Result<Vec<Vec<u8>>, HostError> {
    ask(question, family, kind).map_err(|source| HostError::Kernel {
        what: "its nftables",
        source,
    })
}

fn ask(question: u16, family: u8, kind: u16) -> io::Result<Vec<Vec<u8>>> {
    let mut netlink = Netlink::netfilter()?;
    let request = Message {
        kind: question,
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
    answers
        .iter()
        .filter_map(|answer| attribute(&answer.attributes, kind).transpose())
        .collect::<Result<_, _>>()
        .map_err(|error| damaged(&error))
}

/// `EOPNOTSUPP` of the subsystem, `EINVAL` of nfnetlink without it.
fn not_loaded(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
    )
}
