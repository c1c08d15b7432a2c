//! Virtual servers spelled as `ipvsadm -Sn` prints them and `ipvsadm -R` takes them.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::{Destination, Persistence, Scheduler, VirtualServer, VirtualServerKey};
use crate::back::text::Text;
use crate::model::{Port, Protocol};

/// Writes each virtual server followed by its destinations, in the given order.
pub fn write(servers: &[VirtualServer], text: &mut Text) {
    for server in servers {
        text.line(&server.origins, format_args!("{}", AddServer(server)));
        for destination in &server.destinations {
            text.line(
                &destination.origins,
                format_args!("{}", AddDestination(server.key, destination)),
            );
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

/// `-t 10.96.0.1:443`.
pub(super) struct Service(pub(super) VirtualServerKey);

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
        if server.scheduler == Scheduler::Mh {
            f.write_str(" -b mh-port")?;
        }
        Ok(())
    }
}

/// `-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 1`.
pub(super) struct AddDestination<'a>(pub(super) VirtualServerKey, pub(super) &'a Destination);

impl fmt::Display for AddDestination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(key, destination) = self;
        write!(
            f,
            "-a {} -r {} -m -w {}",
            Service(*key),
            endpoint(destination.address, destination.port),
            destination.weight
        )
    }
}
