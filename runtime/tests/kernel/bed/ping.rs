//! Echo requests.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Type};

use super::datagram;
use super::flow::Outcome;

/// Type, code, checksum and identifier, the last two of which the kernel fills in, and sequence number.
const HEADER: usize = 8;

/// Sends one, and waits for the echo of these bytes.
pub(super) fn ping(to: IpAddr, bytes: &[u8], patience: Duration) -> io::Result<Outcome> {
    let (protocol, echo_request) = match to {
        IpAddr::V4(_) => (Protocol::ICMPV4, 8),
        IpAddr::V6(_) => (Protocol::ICMPV6, 128),
    };
    let to = SocketAddr::new(to, 0);
    // Not to be taken for what the network says.
    let opened = socket2::Socket::new(Domain::for_address(to), Type::DGRAM, Some(protocol));
    let socket = opened.map_err(io::Error::other)?;
    socket.connect(&to.into())?;
    let socket = UdpSocket::from(socket);
    let mut request = [0; HEADER].to_vec();
    request[0] = echo_request;
    request.extend(bytes);
    let until = Instant::now() + patience;
    datagram::send(&socket, &request)?;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(left))?;
        let mut reply = [0; HEADER + 16];
        let length = socket.recv(&mut reply)?;
        if reply[..length].get(HEADER..) == Some(bytes) {
            return Ok(Outcome::Echo);
        }
    }
}
