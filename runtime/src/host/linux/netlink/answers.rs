//! The answers to one request, datagram by datagram.

use std::fmt::{Debug, Display};
use std::io;

use netlink_packet_core::{NLM_F_DUMP_INTR, NetlinkDeserializable, NetlinkMessage, NetlinkPayload};

/// The answers so far.
#[derive(Debug)]
pub(super) struct Answers<M> {
    sequence: u32,
    port: u32,
    messages: Vec<M>,
    consistency: Consistency,
}

/// Whether the kernel says that its tables changed while it listed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consistency {
    Consistent,
    Interrupted,
}

/// How far the answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// There are more.
    More,
    /// That was all.
    Whole,
    /// That was all, and it may be inconsistent.
    Interrupted,
}

impl<M: Debug + NetlinkDeserializable> Answers<M> {
    /// No answers yet to the request of this sequence number, sent from this port.
    pub(super) fn new(sequence: u32, port: u32) -> Self {
        Self {
            sequence,
            port,
            messages: Vec::new(),
            consistency: Consistency::Consistent,
        }
    }

    /// Takes a datagram of the kernel's. Messages that answer something else are skipped.
    pub(super) fn take(&mut self, datagram: &[u8]) -> io::Result<Progress> {
        let mut rest = datagram;
        while !rest.is_empty() {
            let message =
                NetlinkMessage::<M>::deserialize(rest).map_err(|error| damaged(&error))?;
            let length = message.header.length as usize;
            rest = rest.get(aligned(length)..).unwrap_or_default();
            if (message.header.sequence_number, message.header.port_number)
                != (self.sequence, self.port)
            {
                continue;
            }
            if message.header.flags & NLM_F_DUMP_INTR != 0 {
                self.consistency = Consistency::Interrupted;
            }
            match message.payload {
                NetlinkPayload::InnerMessage(message) => self.messages.push(message),
                // A dump that fails half-way says so at its end.
                NetlinkPayload::Done(done) if done.code < 0 => {
                    return Err(io::Error::from_raw_os_error(done.code.saturating_neg()));
                }
                NetlinkPayload::Done(_) => return Ok(self.end()),
                NetlinkPayload::Error(error) if error.code.is_some() => return Err(error.to_io()),
                // No error is an acknowledgement.
                NetlinkPayload::Error(_) => return Ok(self.end()),
                NetlinkPayload::Overrun(_) => return Err(damaged(&"the kernel lost some of it")),
                _ => {}
            }
        }
        Ok(Progress::More)
    }

    fn end(&self) -> Progress {
        match self.consistency {
            Consistency::Consistent => Progress::Whole,
            Consistency::Interrupted => Progress::Interrupted,
        }
    }

    pub(super) fn into_messages(self) -> Vec<M> {
        self.messages
    }
}

/// Messages begin at multiples of four bytes (`NLMSG_ALIGN`).
fn aligned(length: usize) -> usize {
    length.next_multiple_of(4).max(4)
}

fn damaged(error: &dyn Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

#[cfg(test)]
mod tests {
    use netlink_packet_core::{NLM_F_MULTIPART, NetlinkHeader};

    use super::*;

    const SEQUENCE: u32 = 7;
    const PORT: u32 = 4711;
    const DATA: u16 = 0x20;
    const DONE: u16 = 3;
    const ERROR: u16 = 2;

    /// A family whose messages are one byte.
    #[derive(Debug, PartialEq, Eq)]
    struct Byte(u8);

    impl NetlinkDeserializable for Byte {
        type Error = io::Error;

        fn deserialize(_: &NetlinkHeader, payload: &[u8]) -> Result<Self, io::Error> {
            payload
                .first()
                .copied()
                .map(Self)
                .ok_or_else(|| io::Error::other("empty"))
        }
    }

    fn message(kind: u16, flags: u16, sequence: u32, port: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(16 + payload.len()).unwrap();
        let mut bytes = Vec::new();
        bytes.extend(length.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend(port.to_ne_bytes());
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn ours(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
        message(kind, flags, SEQUENCE, PORT, payload)
    }

    fn read(datagrams: &[Vec<Vec<u8>>]) -> io::Result<(Vec<Progress>, Vec<u8>)> {
        let mut answers = Answers::<Byte>::new(SEQUENCE, PORT);
        let progress = datagrams
            .iter()
            .map(|messages| answers.take(&messages.concat()))
            .collect::<io::Result<_>>()?;
        let bytes = answers.into_messages().into_iter().map(|Byte(byte)| byte);
        Ok((progress, bytes.collect()))
    }

    #[test]
    fn lists_end_with_done_and_other_answers_with_an_acknowledgement() {
        let zero = 0_i32.to_ne_bytes();
        let acknowledged = [zero.as_slice(), &[0; 16]].concat();
        for (last, flags) in [
            (ours(DONE, NLM_F_MULTIPART, &zero), NLM_F_MULTIPART),
            (ours(ERROR, 0, &acknowledged), 0),
        ] {
            let first = vec![ours(DATA, flags, &[1]), ours(DATA, flags, &[2])];
            let second = vec![ours(DATA, flags, &[3]), last];
            assert_eq!(
                read(&[first, second]).unwrap(),
                (vec![Progress::More, Progress::Whole], vec![1, 2, 3])
            );
        }
    }

    #[test]
    fn answers_to_somebody_else_are_skipped() {
        let (progress, bytes) = read(&[vec![
            message(DATA, 0, SEQUENCE - 1, PORT, &[1]),
            message(DATA, 0, SEQUENCE, PORT + 1, &[2]),
            message(DONE, 0, SEQUENCE - 1, PORT, &[0; 4]),
            ours(DATA, 0, &[3]),
        ]])
        .unwrap();
        assert_eq!((progress, bytes), (vec![Progress::More], vec![3]));
    }

    #[test]
    fn a_list_that_changed_while_it_was_read_is_no_list() {
        let (progress, _) = read(&[vec![
            ours(DATA, NLM_F_DUMP_INTR, &[1]),
            ours(DATA, 0, &[2]),
            ours(DONE, 0, &[0; 4]),
        ]])
        .unwrap();
        assert_eq!(progress, [Progress::Interrupted]);
    }

    #[test]
    fn errors_are_told_wherever_they_stand() {
        let refused = [(-1_i32).to_ne_bytes().as_slice(), &[0; 16]].concat();
        let error = read(&[vec![ours(ERROR, 0, &refused)]]).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(1));
        let late = ours(DONE, 0, &(-12_i32).to_ne_bytes());
        let error = read(&[vec![ours(DATA, 0, &[1]), late]]).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(12));
    }

    #[test]
    fn damage_is_an_error() {
        let whole = ours(DATA, 0, &[1, 2, 3, 4]);
        for length in 1..whole.len() {
            let error = read(&[vec![whole[..length].to_vec()]]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{length}");
        }
        let empty = ours(DATA, 0, &[]);
        assert!(read(&[vec![empty]]).is_err());
    }
}
