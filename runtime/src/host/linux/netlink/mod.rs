//! A netlink socket without an event loop: ask, and read until the kernel is done.

mod answers;
pub(super) mod nfnetlink;

use std::fmt::Debug;
use std::io;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkDeserializable, NetlinkHeader, NetlinkMessage,
    NetlinkPayload, NetlinkSerializable,
};
use netlink_sys::{Socket, SocketAddr};

use answers::{Answers, Progress};

/// How often a dump is asked for again when the kernel's tables change under it.
const ATTEMPTS: usize = 8;

/// Room for one datagram, to begin with. The kernel sets aside as much for every datagram of a list
/// as the largest buffer that was ever offered, and IPVS' destinations come in many short lists.
const DATAGRAM: usize = 8 * 1024;

/// `MSG_TRUNC`: say how long a datagram was, even where it did not fit.
const TELL_LENGTH: i32 = 0x20;

/// A socket of one netlink protocol.
#[derive(Debug)]
pub(super) struct Netlink {
    protocol: isize,
    socket: Socket,
    /// Our own address, which the kernel's answers carry.
    port: u32,
    sequence: u32,
    buffer: Vec<u8>,
}

/// How an attempt to read answers ended.
enum Attempt<M> {
    Whole(Vec<M>),
    /// Something may be missing.
    Again,
}

impl Netlink {
    pub(super) fn open(protocol: isize) -> io::Result<Self> {
        Self::open_with_room(protocol, DATAGRAM)
    }

    fn open_with_room(protocol: isize, room: usize) -> io::Result<Self> {
        let mut socket = Socket::new(protocol)?;
        let port = socket.bind_auto()?.port_number();
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Self {
            protocol,
            socket,
            port,
            sequence: 0,
            buffer: Vec::with_capacity(room),
        })
    }

    /// All answers to a request for a list, from one consistent moment.
    pub(super) fn dump<M>(&mut self, request: &M) -> io::Result<Vec<M>>
    where
        M: Clone + Debug + NetlinkSerializable + NetlinkDeserializable,
    {
        self.exchange(request, NLM_F_DUMP)
    }

    /// The answers to a request about one thing. The acknowledgement ends them.
    pub(super) fn get<M>(&mut self, request: &M) -> io::Result<Vec<M>>
    where
        M: Clone + Debug + NetlinkSerializable + NetlinkDeserializable,
    {
        self.exchange(request, NLM_F_ACK)
    }

    /// A change; the kernel acknowledges it, or says why not. `flags` are the request's own, such as
    /// `NLM_F_CREATE`.
    pub(super) fn change<M>(&mut self, request: M, flags: u16) -> io::Result<()>
    where
        M: Debug + NetlinkSerializable + NetlinkDeserializable,
    {
        self.send(request, NLM_F_ACK | flags)?;
        match self.receive::<M>()? {
            Attempt::Whole(_) => Ok(()),
            // Nothing to be tried again: it may have been done.
            Attempt::Again => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the acknowledgement was cut off",
            )),
        }
    }

    fn exchange<M>(&mut self, request: &M, flags: u16) -> io::Result<Vec<M>>
    where
        M: Clone + Debug + NetlinkSerializable + NetlinkDeserializable,
    {
        for _ in 0..ATTEMPTS {
            self.send(request.clone(), flags)?;
            if let Attempt::Whole(messages) = self.receive()? {
                return Ok(messages);
            }
        }
        Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "the answer kept changing while it was read",
        ))
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
        retry(|| self.socket.send(&bytes, 0)).map(|_| ())
    }

    fn receive<M: Debug + NetlinkDeserializable>(&mut self) -> io::Result<Attempt<M>> {
        let mut answers = Answers::new(self.sequence, self.port);
        loop {
            self.buffer.clear();
            let (socket, buffer) = (&self.socket, &mut self.buffer);
            let (length, sender) = retry(|| socket.recv_from(buffer, TELL_LENGTH))?;
            // Any process may send here; only the kernel has port 0.
            if sender.port_number() != 0 {
                continue;
            }
            if length > self.buffer.len() {
                // Its end is lost, and what is still to come with it.
                *self = Self::open_with_room(self.protocol, length.next_power_of_two())?;
                return Ok(Attempt::Again);
            }
            match answers.take(&self.buffer)? {
                Progress::More => {}
                Progress::Whole => return Ok(Attempt::Whole(answers.into_messages())),
                Progress::Interrupted => return Ok(Attempt::Again),
            }
        }
    }
}

/// Repeats a call that a signal interrupts.
fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
