//! A netlink socket without an event loop: ask, and read until the kernel is done.

use std::fmt::Debug;
use std::io;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkDeserializable, NetlinkHeader,
    NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use netlink_sys::{Socket, SocketAddr};

/// How often a dump is asked for again when the kernel's tables change under it.
const ATTEMPTS: usize = 8;

/// A socket of one netlink protocol.
#[derive(Debug)]
pub(super) struct Netlink {
    socket: Socket,
    sequence: u32,
}

/// A dump that may have missed something.
#[derive(Debug)]
enum Dump<M> {
    Whole(Vec<M>),
    Interrupted,
}

impl Netlink {
    pub(super) fn open(protocol: isize) -> io::Result<Self> {
        let mut socket = Socket::new(protocol)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Self {
            socket,
            sequence: 0,
        })
    }

    /// All answers to a request, from one consistent moment.
    pub(super) fn dump<M>(&mut self, request: &M) -> io::Result<Vec<M>>
    where
        M: Clone + Debug + NetlinkSerializable + NetlinkDeserializable,
    {
        for _ in 0..ATTEMPTS {
            self.send(request.clone(), NLM_F_DUMP)?;
            if let Dump::Whole(messages) = self.receive()? {
                return Ok(messages);
            }
        }
        Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "the answer kept changing while it was read",
        ))
    }

    /// The answers to a request about one thing.
    pub(super) fn get<M>(&mut self, request: M) -> io::Result<Vec<M>>
    where
        M: Debug + NetlinkSerializable + NetlinkDeserializable,
    {
        // The acknowledgement ends the answers.
        self.send(request, NLM_F_ACK)?;
        match self.receive()? {
            Dump::Whole(messages) => Ok(messages),
            Dump::Interrupted => Err(io::ErrorKind::ResourceBusy.into()),
        }
    }

    fn send<M: Debug + NetlinkSerializable>(&mut self, request: M, flags: u16) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(request));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send(&bytes, 0).map(|_| ())
    }

    fn receive<M: NetlinkDeserializable>(&self) -> io::Result<Dump<M>> {
        let mut messages = Vec::new();
        let mut interrupted = false;
        loop {
            let (datagram, sender) = self.socket.recv_from_full()?;
            // Any process may send here; only the kernel has port 0.
            if sender.port_number() != 0 {
                continue;
            }
            let mut rest = datagram.as_slice();
            while !rest.is_empty() {
                let message =
                    NetlinkMessage::<M>::deserialize(rest).map_err(|error| damaged(&error))?;
                let length = message.header.length as usize;
                rest = rest.get(aligned(length)..).unwrap_or_default();
                if message.header.sequence_number != self.sequence {
                    continue;
                }
                interrupted |= message.header.flags & NLM_F_DUMP_INTR != 0;
                match message.payload {
                    NetlinkPayload::InnerMessage(message) => messages.push(message),
                    NetlinkPayload::Done(_) if interrupted => return Ok(Dump::Interrupted),
                    NetlinkPayload::Done(_) => return Ok(Dump::Whole(messages)),
                    // Error 0 is an acknowledgement.
                    NetlinkPayload::Error(error) if error.code.is_none() => {
                        return Ok(Dump::Whole(messages));
                    }
                    NetlinkPayload::Error(error) => return Err(error.to_io()),
                    _ => {}
                }
            }
        }
    }
}

/// Messages begin at multiples of four bytes (`NLMSG_ALIGN`).
fn aligned(length: usize) -> usize {
    length.next_multiple_of(4).max(4)
}

fn damaged(error: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}
