//! Virtual servers spelled as `ipvsadm -Sn` prints them and `ipvsadm -R` takes them.

use std::fmt::{self, Write as _};
use std::net::{IpAddr, SocketAddr};

use super::{Destination, Persistence, VirtualServer};
use crate::kernel::text::Text;
use crate::model::{Port, Protocol, TransportAddress};

/// Length of most lines in bytes, at most.
const USUAL: usize = 80;

/// Writes each virtual server followed by its destinations, in the given order.
pub fn write(servers: &[VirtualServer], text: &mut Text) {
    let lines: usize = servers
        .iter()
        .map(|server| 1 + server.destinations.len())
        .sum();
    text.reserve(lines * USUAL);
    for server in servers {
        text.line(&server.origins, format_args!("{}", AddServer(server)));
        // All of its destinations start alike, and there may be thousands.
        let start = format!("-a {} -r ", Service(server.key));
        for destination in &server.destinations {
            text.line_with(&destination.origins, |line| {
                line.push_str(&start);
                append(destination, line);
            });
        }
    }
}

/// The option that names a service of this protocol.
pub(super) fn service_option(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "-t",
        Protocol::Udp => "-u",
        Protocol::Sctp => "--sctp-service",
    }
}

/// A virtual server as ipvsadm's options name it: `-t 10.96.0.1:443`.
pub(super) struct Service(pub(super) TransportAddress);

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(key) = self;
        write!(
            f,
            "{} {}",
            service_option(key.protocol),
            endpoint(key.address, key.port)
        )
    }
}

fn endpoint(address: IpAddr, port: Port) -> SocketAddr {
    SocketAddr::new(address, port.get())
}

/// `-A -t 10.96.0.1:443 -s rr`.
pub(super) struct AddServer<'a>(pub(super) &'a VirtualServer);

impl fmt::Display for AddServer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(server) = self;
        write!(f, "-A {} -s {}", Service(server.key), server.scheduler)?;
        if let Persistence::Timeout(seconds) = server.persistence {
            write!(f, " -p {seconds}")?;
        }
        if let Some(flag) = server.scheduler.flag() {
            write!(f, " -b {flag}")?;
        }
        Ok(())
    }
}

/// Appends `10.0.0.5:6443 -m -w 1`.
fn append(destination: &Destination, line: &mut String) {
    let mut decimal = itoa::Buffer::new();
    match destination.address {
        IpAddr::V4(address) => {
            for (octet, end) in address.octets().into_iter().zip([".", ".", ".", ":"]) {
                line.push_str(decimal.format(octet));
                line.push_str(end);
            }
        }
        IpAddr::V6(address) => {
            // Writing to a String cannot fail.
            let _ = write!(line, "[{address}]:");
        }
    }
    line.push_str(decimal.format(destination.port.get()));
    line.push_str(" -m -w ");
    line.push_str(decimal.format(destination.weight));
}
