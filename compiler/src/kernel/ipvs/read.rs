//! Reads what `ipvsadm -R` takes and `ipvsadm -S` prints, with and without `-n`, and `ipvsadm -Ln`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::write::service_option;
use super::{Destination, Foreign, Observed, Persistence, Scheduler, VirtualServer, listing};
use crate::kernel::lines::{LineError, worded};
use crate::model::address::parse_ip;
use crate::model::{IpFamily, Port, Protocol, TransportAddress};
use crate::source::Origins;

/// Why a line is no part of a virtual server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Neither `-A` nor `-a`.
    #[error("expected '-A' and a service, or '-a', a service, '-r' and a server")]
    Command,
    /// No `-t`, `-u`, `--sctp-service` or `-f` with a value.
    #[error("expected a service: -t, -u, --sctp-service or -f with a value")]
    NoService,
    /// A destination without `-r`.
    #[error("expected a server: -r with a value")]
    NoServer,
    /// A destination of a virtual server that no line above adds.
    #[error("no line above adds this service")]
    UnknownService,
    /// A second virtual server or destination of the same name.
    #[error("a line above adds this already")]
    Duplicate,
    /// Nothing that `ipvsadm -Ln` prints.
    #[error("expected a line of `ipvsadm -Ln`")]
    Listing,
    /// A listing of something else than virtual servers with schedulers and weights.
    #[error("these columns show neither schedulers nor weights: use `ipvsadm -Sn`")]
    Columns,
    /// Names, which a listing cuts.
    #[error("expected addresses and ports in numbers: use `ipvsadm -Sn`")]
    Names,
}

/// A line that is no part of a virtual server.
pub type ReadError = LineError<Problem>;

/// Reads virtual servers; what our types cannot hold makes one [`Foreign`].
///
/// # Errors
/// A line that adds neither a service nor a server, or that does not fit the lines above.
pub fn read(text: &str) -> Result<Observed, ReadError> {
    if listing::is_listing(text) {
        return read_saved(&listing::saved(text)?);
    }
    read_saved(text)
}

fn read_saved(text: &str) -> Result<Observed, ReadError> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut by_name = BTreeMap::new();
    for worded in worded(text) {
        let error = |problem| worded.error(problem);
        let line = worded.line;
        let (command, options) = worded.words.split_first().ok_or(error(Problem::Command))?;
        let service = Service::find(options).ok_or(error(Problem::NoService));
        match *command {
            "-A" | "--add-service" => {
                let service = service?;
                if by_name.insert(service, drafts.len()).is_some() {
                    return Err(error(Problem::Duplicate));
                }
                drafts.push(Draft::new(service, line, options));
            }
            "-a" | "--add-server" => {
                let at = by_name
                    .get(&service?)
                    .ok_or(error(Problem::UnknownService))?;
                drafts[*at].add(line, options).map_err(error)?;
            }
            _ => return Err(error(Problem::Command)),
        }
    }
    let mut observed = Observed::default();
    for draft in drafts {
        match draft.finish() {
            Ok(server) => observed.servers.push(server),
            Err(foreign) => observed.foreign.push(foreign),
        }
    }
    Ok(observed)
}

/// What names a service on a line, in its short spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Service<'a> {
    option: &'static str,
    value: &'a str,
    /// The `-6` that tells an IPv6 firewall mark from an IPv4 one.
    family: Option<&'a str>,
}

impl<'a> Service<'a> {
    fn find(options: &[&'a str]) -> Option<Self> {
        let (at, option) = options.iter().enumerate().find_map(|(at, word)| {
            let option = match *word {
                "-t" | "--tcp-service" => "-t",
                "-u" | "--udp-service" => "-u",
                "--sctp-service" => "--sctp-service",
                "-f" | "--fwmark-service" => "-f",
                _ => return None,
            };
            Some((at, option))
        })?;
        Some(Self {
            option,
            value: options.get(at + 1)?,
            family: options
                .iter()
                .copied()
                .find(|word| matches!(*word, "-6" | "--ipv6")),
        })
    }

    fn key(self) -> Option<TransportAddress> {
        let protocol = Protocol::ALL
            .into_iter()
            .find(|protocol| service_option(*protocol) == self.option)?;
        let (address, port) = endpoint(self.value)?;
        self.family.is_none().then_some(TransportAddress {
            address,
            protocol,
            port,
        })
    }

    /// The options that follow the service; `None` where it does not stand first.
    fn rest<'o>(self, options: &'o [&'a str]) -> Option<&'o [&'a str]> {
        let (option, options) = options.split_first()?;
        (*option == self.option).then(|| options.get(1..)).flatten()
    }
}

/// A virtual server while its lines are read; the lines are kept because any of them may turn out
/// foreign.
struct Draft<'a> {
    key: Option<TransportAddress>,
    lines: Vec<&'a str>,
    reals: BTreeSet<&'a str>,
    server: Option<VirtualServer>,
}

impl<'a> Draft<'a> {
    fn new(service: Service<'a>, line: &'a str, options: &[&'a str]) -> Self {
        let key = service.key();
        let server = key
            .zip(service.rest(options))
            .and_then(|(key, rest)| server(key, rest));
        Self {
            key,
            lines: vec![line],
            reals: BTreeSet::new(),
            server,
        }
    }

    fn add(&mut self, line: &'a str, options: &[&'a str]) -> Result<(), Problem> {
        let real = options
            .iter()
            .position(|word| matches!(*word, "-r" | "--real-server"))
            .and_then(|at| options.get(at + 1))
            .ok_or(Problem::NoServer)?;
        if !self.reals.insert(real) {
            return Err(Problem::Duplicate);
        }
        self.lines.push(line);
        if let Some(server) = &mut self.server {
            match destination(server.key, options) {
                Some(destination) => server.destinations.push(destination),
                None => self.server = None,
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<VirtualServer, Foreign> {
        match self.server {
            Some(mut server) => {
                server.destinations.sort();
                Ok(server)
            }
            None => Err(Foreign {
                key: self.key,
                lines: self.lines.into_iter().map(Into::into).collect(),
            }),
        }
    }
}

fn server(key: TransportAddress, rest: &[&str]) -> Option<VirtualServer> {
    let mut scheduler = None;
    let mut persistence = Persistence::None;
    let mut flags = None;
    for option in rest.chunks(2) {
        match option {
            ["-s", name] => scheduler = Some(name.parse().ok()?),
            ["-p", seconds] => persistence = Persistence::Timeout(seconds.parse().ok()?),
            ["-b", names] => flags = Some(*names),
            _ => return None,
        }
    }
    let scheduler: Scheduler = scheduler?;
    if flags != scheduler.flag().map(super::SchedulerFlag::as_str) {
        return None;
    }
    Some(VirtualServer {
        key,
        scheduler,
        persistence,
        destinations: Vec::new(),
        origins: Origins::new(),
    })
}

fn destination(key: TransportAddress, options: &[&str]) -> Option<Destination> {
    let [_, _, "-r", real, "-m", "-w", weight] = options else {
        return None;
    };
    let (address, port) = endpoint(real)?;
    let same_family = IpFamily::of(address) == IpFamily::of(key.address);
    Some(Destination {
        address: same_family.then_some(address)?,
        port,
        weight: weight.parse().ok()?,
        origins: Origins::new(),
    })
}

/// An address and its port: `10.96.0.1:443` or `[fd00::1]:443`.
fn endpoint(text: &str) -> Option<(IpAddr, Port)> {
    let (address, port) = text.rsplit_once(':')?;
    let port = Port::new(port.parse().ok()?)?;
    let bare = match address.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None => address,
    };
    let address = parse_ip(bare).ok()?;
    (address.is_ipv6() == text.starts_with('[')).then_some((address, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ipvsadm -Sn` 1.31 on Linux 6.1: keepalived's way of working beside ours.
    const NODE: &str = "\
-A -t 10.96.0.1:443 -s lc
-a -t 10.96.0.1:443 -r 10.0.0.6:6443 -m -w 0
-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 1
-A -t 10.96.0.3:80 -s mh -p 10800 -b mh-port
-A -t 10.96.0.5:80 -s sh -b sh-fallback,sh-port
-a -t 10.96.0.5:80 -r [fd00:10:244::9]:80 -i -w 1 --tun-type ipip
-a -t 10.96.0.5:80 -r 10.0.0.7:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
-a -t 10.96.0.5:80 -r 10.0.0.9:80 -g -w 1
-A -u 10.96.0.6:5060 -s rr -p 60 --pe sip
-A -u 10.96.0.4:80 -s wrr -p 300 -M 255.255.255.0 -o
-A -t 10.96.0.10:80 -s mh
-A --sctp-service [fd00:10:96::b]:7000 -s rr -p 10800
-a --sctp-service [fd00:10:96::b]:7000 -r [fd00:10:244::3]:7000 -m -w 1
-A -f 42 -s wlc
-a -f 42 -r 10.0.0.9:0 -g -w 3
-A -f 43 -6 -s rr
";

    #[test]
    fn a_node_with_other_virtual_servers_can_be_observed() {
        let observed = read(NODE).unwrap();
        let ours: Vec<String> = observed
            .servers
            .iter()
            .map(|server| format!("{} {}", server.key, server.destinations.len()))
            .collect();
        assert_eq!(
            ours,
            [
                "10.96.0.1:443/TCP 2",
                "10.96.0.3:80/TCP 0",
                "[fd00:10:96::b]:7000/SCTP 1"
            ]
        );
        assert_eq!(observed.servers[0].destinations[0].weight, 1);
        let others: Vec<(String, usize)> = observed
            .foreign
            .iter()
            .map(|server| {
                let key = server.key.map(|key| key.to_string());
                (key.unwrap_or_default(), server.lines.len())
            })
            .collect();
        assert_eq!(
            others,
            [
                ("10.96.0.5:80/TCP".to_owned(), 4),
                ("10.96.0.6:5060/UDP".to_owned(), 1),
                ("10.96.0.4:80/UDP".to_owned(), 1),
                ("10.96.0.10:80/TCP".to_owned(), 1),
                (String::new(), 2),
                (String::new(), 1),
            ]
        );
    }

    #[test]
    fn names_instead_of_numbers_are_foreign() {
        let observed = read(
            "-A -t kubernetes.default:https -s rr\n-a -t kubernetes.default:https -r node-a:6443 -m -w 1\n",
        )
        .unwrap();
        assert!(observed.servers.is_empty());
        assert_eq!(observed.foreign[0].lines.len(), 2);
    }

    #[test]
    fn nonsense_is_an_error_with_its_line() {
        for (text, expected) in [
            (
                "-A -t 10.96.0.1:80 -s rr\n-D -t 10.96.0.1:80",
                Problem::Command,
            ),
            ("\n-A -s rr", Problem::NoService),
            (
                "\n-a -t 10.96.0.1:80 -r 10.0.0.1:80 -m -w 1",
                Problem::UnknownService,
            ),
            (
                "-A -t 10.96.0.1:80 -s rr\n-a -t 10.96.0.1:80",
                Problem::NoServer,
            ),
            (
                "-A -t 10.96.0.1:80 -s rr\n-A -t 10.96.0.1:80 -s rr",
                Problem::Duplicate,
            ),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.line, error.problem), (2, expected), "{text}");
        }
    }
}
