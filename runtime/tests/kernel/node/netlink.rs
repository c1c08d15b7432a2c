//! Sends `ipvs.nl` as it is, but for the family's number.

use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use portolan_runtime::host::Ipvs;

/// Length of `nlmsghdr` in bytes.
const HEADER: usize = 16;

/// `NLMSG_ERROR`: what an acknowledgement is, too.
const ERROR: u16 = 2;

/// Sends message after message; the kernel has to acknowledge each.
pub(crate) fn send(stream: &[u8]) {
    let ipvs = Ipvs::find().unwrap().expect("the module is loaded");
    let mut socket = Socket::new(NETLINK_GENERIC).unwrap();
    socket.bind_auto().unwrap();
    socket.connect(&SocketAddr::new(0, 0)).unwrap();
    let mut rest = stream.to_vec();
    while !rest.is_empty() {
        // The artefact is little-endian on every machine, and this one is too.
        let length = u32::from_le_bytes(rest[..4].try_into().unwrap()) as usize;
        let following = rest.split_off(length.next_multiple_of(4));
        rest[4..6].copy_from_slice(&ipvs.family().to_le_bytes());
        socket.send(&rest, 0).unwrap();
        acknowledged(&socket, &rest[8..12]);
        rest = following;
    }
}

/// Receives the acknowledgement of a message: an error whose number is 0.
fn acknowledged(socket: &Socket, sequence: &[u8]) {
    let (answer, _) = socket.recv_from_full().unwrap();
    assert_eq!(answer[4..6], ERROR.to_le_bytes(), "an acknowledgement");
    assert_eq!(&answer[8..12], sequence, "of this message");
    let number = i32::from_le_bytes(answer[HEADER..HEADER + 4].try_into().unwrap());
    assert_eq!(number, 0, "message {sequence:?} is refused");
}
