//! What conntrack remembers of UDP flows, forgotten with `conntrack`.

use std::collections::BTreeSet;
use std::net::IpAddr;

use portolan_compiler::kernel::Listener;
use portolan_compiler::model::{IpFamily, Port, Protocol, TransportAddress};
use portolan_compiler::plan::Flows;

use super::proc;
use super::program::Program;
use crate::host::HostError;

pub(super) const CONNTRACK: Program = Program {
    name: "conntrack",
    package: "conntrack",
};

/// How often flows are deleted while others end by themselves.
const ATTEMPTS: usize = 20;

/// How many flows this thread's network namespace remembers.
const COUNT: &str = "/proc/sys/net/netfilter/nf_conntrack_count";

/// Forgets flows; that there are none is fine.
pub(super) fn forget(flows: &[(Listener, Flows)]) -> Result<(), HostError> {
    if flows.is_empty() || proc(COUNT).is_ok_and(|count| count == "0") {
        return Ok(());
    }
    for family in IpFamily::ALL {
        let mut ours = flows
            .iter()
            .filter(|(listener, _)| listener.family() == family)
            .peekable();
        if ours.peek().is_none() {
            continue;
        }
        let known = list(family)?;
        for (listener, which) in ours {
            let theirs = known
                .iter()
                .filter(|flow| flow.is_to(*listener) && flow.is_among(which));
            let servers: BTreeSet<TransportAddress> = theirs.map(|flow| flow.server).collect();
            servers
                .iter()
                .try_for_each(|server| delete(family, server, which))?;
        }
    }
    Ok(())
}

/// A flow to a virtual server, and the destination that answers it.
#[derive(Debug, PartialEq, Eq)]
struct Flow {
    server: TransportAddress,
    to: (IpAddr, Port),
}

impl Flow {
    /// A node port has whatever address the client took, as in kube-proxy (`ClearEntriesForPort`).
    fn is_to(&self, listener: Listener) -> bool {
        match listener {
            Listener::Address(server) => self.server == server,
            Listener::NodePort(_, protocol, port) => {
                (self.server.protocol, self.server.port) == (protocol, port)
            }
        }
    }

    fn is_among(&self, flows: &Flows) -> bool {
        match flows {
            Flows::All => true,
            Flows::To(address, port) => self.to == (*address, *port),
        }
    }
}

fn of_family(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "ipv4",
        IpFamily::V6 => "ipv6",
    }
}

/// The UDP flows that are remembered.
fn list(family: IpFamily) -> Result<Vec<Flow>, HostError> {
    let args = ["--dump", "--family", of_family(family), "--protonum", "udp"];
    Ok(CONNTRACK.run(&args)?.lines().filter_map(flow).collect())
}

/// Reads `udp 17 29 src=… dst=10.96.0.10 sport=… dport=53 src=10.244.0.2 dst=… sport=53 dport=…`:
/// first what the client sent, then what answers it.
fn flow(line: &str) -> Option<Flow> {
    let values = |key: &'static str| {
        let mut words = line.split_ascii_whitespace();
        words.by_ref().next();
        words.filter_map(move |word| word.strip_prefix(key)?.strip_prefix('='))
    };
    let address = |text: &str| text.parse::<IpAddr>().ok();
    let port = |text: &str| Port::new(text.parse().ok()?);
    Some(Flow {
        server: TransportAddress {
            protocol: Protocol::Udp,
            address: address(values("dst").next()?)?,
            port: port(values("dport").next()?)?,
        },
        to: (
            address(values("src").nth(1)?)?,
            port(values("sport").nth(1)?)?,
        ),
    })
}

fn delete(family: IpFamily, server: &TransportAddress, which: &Flows) -> Result<(), HostError> {
    let mut args = vec![
        "--delete".to_owned(),
        "--family".to_owned(),
        of_family(family).to_owned(),
        "--protonum".to_owned(),
        server.protocol.lower().to_owned(),
        "--orig-dst".to_owned(),
        server.address.to_string(),
        "--orig-port-dst".to_owned(),
        server.port.to_string(),
    ];
    if let Flows::To(address, port) = which {
        args.extend([
            "--reply-src".to_owned(),
            address.to_string(),
            "--reply-port-src".to_owned(),
            port.to_string(),
        ]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    for _ in 1..ATTEMPTS {
        match CONNTRACK.run(&args) {
            Err(HostError::Program { message, .. }) if found_none(&message) => return Ok(()),
            // It stops at a flow that ended after it had listed it.
            Err(HostError::Program { message, .. }) if one_ended(&message) => {}
            done => return done.map(drop),
        }
    }
    CONNTRACK.run(&args).map(drop)
}

fn one_ended(message: &str) -> bool {
    message.contains("such conntrack doesn't exist")
}

/// It fails where there is nothing to delete, or nothing any more.
fn found_none(message: &str) -> bool {
    message.contains(": 0 flow entries have been deleted")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_are_read_as_conntrack_prints_them() {
        let line = "udp      17 29 src=10.0.0.9 dst=10.96.0.10 sport=53211 dport=53 [UNREPLIED] \
                    src=10.244.0.2 dst=10.0.0.9 sport=5353 dport=53211 mark=0 use=1";
        let read = flow(line).unwrap();
        assert_eq!(read.server.to_string(), "10.96.0.10:53/UDP");
        assert_eq!(read.to.0.to_string(), "10.244.0.2");
        assert_eq!(read.to.1.get(), 5353);
        assert!(read.is_among(&Flows::All));
        assert!(read.is_among(&Flows::To(read.to.0, read.to.1)));
        assert!(!read.is_among(&Flows::To(read.server.address, read.to.1)));
        for (listener, expected) in [
            ("10.96.0.10:53/UDP", true),
            ("10.96.0.10:54/UDP", false),
            ("0.0.0.0:53/UDP", true),
            ("0.0.0.0:53/TCP", false),
        ] {
            let listener: Listener = listener.parse().unwrap();
            assert_eq!(read.is_to(listener), expected, "{listener}");
        }
        assert_eq!(flow("icmp 1 29 src=10.0.0.9 dst=10.96.0.10 type=8"), None);
        assert_eq!(flow(""), None);
    }
}
