//! Lists sets over nfnetlink (`linux/netfilter/ipset/ip_set.h`), to see whether they changed.

use std::io;

use netlink_packet_core::{DecodeError, NLA_TYPE_MASK, NlasIterator};

use super::super::netlink::Netlink;
use super::super::netlink::nfnetlink::{AF_INET, Message, attribute, damaged};
use crate::host::HostError;
use crate::host::sets_mark::SetsMark;

/// `NFNL_SUBSYS_IPSET`, and `IPSET_CMD_SAVE` in it.
const SAVE: u16 = 6 << 8 | 8;

/// `IPSET_ATTR_PROTOCOL` with the version that kernels have spoken since 2.6.39; later ones still
/// do.
const PROTOCOL: [u8; 8] = {
    let (length, kind) = (5_u16.to_ne_bytes(), 1_u16.to_ne_bytes());
    [length[0], length[1], kind[0], kind[1], 6, 0, 0, 0]
};

/// Attributes of a message.
const SET_NAME: u16 = 2;
const TYPE_NAME: u16 = 3;
const REVISION: u16 = 4;
const FAMILY: u16 = 5;
const HEADER: u16 = 7;
const ENTRIES: u16 = 8;

/// In headers and in entries.
const TIMEOUT: u16 = 6;

/// Of headers: hash size, resizes, number of entries, references, memory.
const HEADER_VOLATILE: [u16; 5] = [18, 22, 24, 25, 26];

/// Of entries: time left, bytes, packets.
const ENTRY_VOLATILE: [u16; 3] = [TIMEOUT, 24, 25];

/// The account of all sets.
pub(super) fn read() -> Result<SetsMark, HostError> {
    list().map_err(|source| HostError::Kernel {
        what: "its ipsets",
        source,
    })
}

fn list() -> io::Result<SetsMark> {
    let mut netlink = Netlink::netfilter()?;
    // Without a name this asks for all sets, whichever the family.
    let messages = netlink.dump(&Message {
        kind: SAVE,
        family: AF_INET,
        attributes: PROTOCOL.to_vec(),
    })?;
    let mut mark = SetsMark::default();
    for message in messages {
        add(&mut mark, &message.attributes).map_err(|error| damaged(&error))?;
    }
    for set in mark.sets.values_mut() {
        set.entries.sort_unstable();
    }
    Ok(mark)
}

/// Adds a message: a set's header, entries, or both. The header comes first.
fn add(mark: &mut SetsMark, attributes: &[u8]) -> Result<(), DecodeError> {
    let name = attribute(attributes, SET_NAME)?.ok_or("a set without a name")?;
    let set = mark.sets.entry(name).or_default();
    for kind in [TYPE_NAME, REVISION, FAMILY] {
        if let Some(value) = attribute(attributes, kind)? {
            set.header.extend(value);
        }
    }
    if let Some(header) = attribute(attributes, HEADER)? {
        set.timed = attribute(&header, TIMEOUT)?.is_some();
        set.header.extend(without(&header, &HEADER_VOLATILE)?);
    }
    if let Some(entries) = attribute(attributes, ENTRIES)?
        && !set.timed
    {
        for entry in NlasIterator::new(&entries) {
            set.entries.push(without(entry?.value(), &ENTRY_VOLATILE)?);
        }
    }
    Ok(())
}

/// Kinds and values of all attributes but these.
fn without(attributes: &[u8], kinds: &[u16]) -> Result<Vec<u8>, DecodeError> {
    let mut kept = Vec::with_capacity(attributes.len());
    for attribute in NlasIterator::new(attributes) {
        let attribute = attribute?;
        if !kinds.contains(&(attribute.kind() & NLA_TYPE_MASK)) {
            kept.extend(attribute.kind().to_ne_bytes());
            kept.extend(attribute.value());
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nla(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + value.len()).unwrap();
        let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    /// A message about a set `a`.
    fn message(header: &[Vec<u8>], entries: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let entries: Vec<u8> = entries
            .iter()
            .flat_map(|entry| nla(7, &entry.concat()))
            .collect();
        [
            nla(SET_NAME, b"a\0"),
            nla(TYPE_NAME, b"hash:ip\0"),
            nla(HEADER, &header.concat()),
            nla(ENTRIES, &entries),
        ]
        .concat()
    }

    fn mark(messages: &[Vec<u8>]) -> SetsMark {
        let mut mark = SetsMark::default();
        for message in messages {
            add(&mut mark, message).unwrap();
        }
        for set in mark.sets.values_mut() {
            set.entries.sort_unstable();
        }
        mark
    }

    #[test]
    fn what_changes_by_itself_is_left_out() {
        let entry = |last: u8, packets: u8| vec![nla(1, &[10, 0, 0, last]), nla(25, &[packets])];
        let header = |size: u8| vec![nla(18, &[size]), nla(19, &[9])];
        let base = mark(&[message(&header(1), &[entry(1, 0), entry(2, 0)])]);
        let grown = mark(&[message(&header(2), &[entry(2, 7), entry(1, 8)])]);
        assert_eq!(base, grown);
        let added = mark(&[message(
            &header(1),
            &[entry(1, 0), entry(2, 0), entry(3, 0)],
        )]);
        assert_ne!(base, added);
        let other = vec![nla(18, &[1]), nla(19, &[8])];
        assert_ne!(base, mark(&[message(&other, &[entry(1, 0), entry(2, 0)])]));
    }

    #[test]
    fn entries_that_go_away_by_themselves_do_not_count() {
        let header = [nla(TIMEOUT, &[0, 0, 1, 0])];
        let entry = vec![nla(1, &[10, 0, 0, 1]), nla(TIMEOUT, &[9])];
        assert_eq!(
            mark(&[message(&header, &[entry])]),
            mark(&[message(&header, &[])])
        );
    }

    #[test]
    fn damage_is_an_error() {
        let whole = message(&[nla(19, &[9])], &[vec![nla(1, &[10, 0, 0, 1])]]);
        assert!(add(&mut SetsMark::default(), &whole[..whole.len() - 3]).is_err());
        assert!(add(&mut SetsMark::default(), &nla(TYPE_NAME, b"x")).is_err());
    }
}
