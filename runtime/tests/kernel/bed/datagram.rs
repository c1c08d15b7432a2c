//! What UDP and echo requests have in common.

use std::io::{self, ErrorKind};
use std::net::UdpSocket;

/// Sends one by a socket that knows its destination.
pub(super) fn send(socket: &UdpSocket, bytes: &[u8]) -> io::Result<()> {
    match socket.send(bytes) {
        // The sender's own node drops it; whether it also refuses it is to be received.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        sent => sent.map(drop),
    }
}
