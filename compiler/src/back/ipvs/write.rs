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
        // All of its destinations start alike, and there may be thousands.
        let start = format!("-a {} -r ", Service(server.key));
        for destination in &server.destinations {
            let end = Tail(destination);
            text.line(&destination.origins, format_args!("{start}{end}"));
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

/// `10.0.0.5:6443 -m -w 1`.
struct Tail<'a>(&'a Destination);

impl fmt::Display for Tail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(destination) = self;
        // Without the padding that the type's own writer is prepared for.
        match destination.address {
            IpAddr::V4(address) => {
                let [first, second, third, fourth] = address.octets();
                write!(f, "{first}.{second}.{third}.{fourth}:{}", destination.port)?;
            }
            IpAddr::V6(_) => endpoint(destination.address, destination.port).fmt(f)?,
        }
        write!(f, " -m -w {}", destination.weight)
    }
}
