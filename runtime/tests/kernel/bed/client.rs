//! Sockets that ask servers.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use socket2::{Domain, Type};

use super::datagram;
use super::flow::{Outcome, Outcomes, Sample, Target, Transport};
use super::ping::ping;
use super::server::LONGEST;

/// Longest pause between two requests of a sample.
const LONGEST_PAUSE: Duration = Duration::from_millis(40);

/// How long to listen where there was silence before.
const ONCE_SILENT: Duration = Duration::from_secs(3);

/// No two requests of a process have the same, so that a late answer is known for what it is.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The next client's port; above those of Services and pods.
static PORT: AtomicU16 = AtomicU16::new(33_000);

/// A socket that knows its destination.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Socket {
    /// Opens one; TCP connects.
    pub(super) fn open(
        transport: Transport,
        to: SocketAddr,
        patience: Duration,
    ) -> io::Result<Self> {
        let kind = match transport {
            Transport::Tcp => Type::STREAM,
            Transport::Udp => Type::DGRAM,
        };
        let socket = socket2::Socket::new(Domain::for_address(to), kind, None)?;
        bind(&socket, to)?;
        Ok(match transport {
            Transport::Tcp => {
                socket.connect_timeout(&to.into(), patience)?;
                Self::Tcp(socket.into())
            }
            Transport::Udp => {
                socket.connect(&to.into())?;
                Self::Udp(socket.into())
            }
        })
    }

    /// Sends a request and waits for its answer.
    pub(super) fn ask(&mut self, patience: Duration) -> io::Result<Outcome> {
        let number = next_number();
        let request = format!("{number}\n");
        let until = Instant::now() + patience;
        match self {
            Self::Tcp(stream) => stream.write_all(request.as_bytes())?,
            Self::Udp(socket) => datagram::send(socket, request.as_bytes())?,
        }
        let mut received = String::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            received.push_str(&self.receive(left)?);
            while let Some((line, rest)) = received.split_once('\n') {
                if let Some(outcome) = answer(line, &number) {
                    return Ok(outcome);
                }
                received = rest.to_owned();
            }
        }
    }

    fn receive(&mut self, patience: Duration) -> io::Result<String> {
        let mut buffer = [0; LONGEST];
        let length = match self {
            Self::Tcp(stream) => {
                stream.set_read_timeout(Some(patience))?;
                match stream.read(&mut buffer)? {
                    0 => return Err(ErrorKind::ConnectionReset.into()),
                    length => length,
                }
            }
            Self::Udp(socket) => {
                socket.set_read_timeout(Some(patience))?;
                socket.recv(&mut buffer)?
            }
        };
        Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }
}

/// Binds to a port that this process has never had: IPVS tells the answers of two Services with one
/// endpoint apart by the client's port, and remembers it for minutes.
fn bind(socket: &socket2::Socket, to: SocketAddr) -> io::Result<()> {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    loop {
        let port = PORT.fetch_add(1, Ordering::Relaxed);
        match socket.bind(&SocketAddr::new(any, port).into()) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            done => return done,
        }
    }
}

fn answer(line: &str, number: &str) -> Option<Outcome> {
    let mut words = line.split(' ');
    if words.next() != Some(number) {
        return None;
    }
    Some(Outcome::Answer {
        backend: words.next()?.to_owned(),
        source_seen: words.next()?.parse().ok()?,
    })
}

fn next_number() -> String {
    NUMBER.fetch_add(1, Ordering::Relaxed).to_string()
}

/// Sends one request by a socket of its own.
pub(super) fn ask(to: Target, patience: Duration) -> io::Result<Outcome> {
    outcome(match to {
        Target::Port(transport, to) => {
            Socket::open(transport, to, patience).and_then(|mut socket| socket.ask(patience))
        }
        Target::Ping(to) => ping(to, next_number().as_bytes(), patience),
    })
}

/// How long so many requests take, one after the other.
pub(super) fn time(to: Target, requests: u32, patience: Duration) -> io::Result<Duration> {
    let begin = Instant::now();
    for _ in 0..requests {
        match ask(to, patience)? {
            Outcome::Answer { .. } => {}
            other => return Err(io::Error::other(format!("{other:?} instead of an answer"))),
        }
    }
    Ok(begin.elapsed())
}

/// Sends requests at the same time.
pub(super) fn ask_all(to: &[Target], patience: Duration) -> io::Result<Vec<Outcome>> {
    at_once(to, |to| ask(*to, patience))
}

/// Takes samples at the same time.
pub(super) fn sample_all(samples: &[Sample], patience: Duration) -> io::Result<Vec<Outcomes>> {
    at_once(samples, |sample| take(sample, patience))
}

/// Silence takes long, and is the same every time: where nothing answers, two requests are enough, and
/// who has once waited in vain for as long as a busy machine may take need not wait so long again.
fn take(sample: &Sample, patience: Duration) -> io::Result<Outcomes> {
    const WITHOUT_ANSWER: u32 = 2;
    let mut outcomes = Outcomes::new();
    let mut backends = BTreeSet::new();
    for number in 1..=sample.requests {
        let patience = if outcomes.contains(&Outcome::Silence) {
            ONCE_SILENT.min(patience)
        } else {
            patience
        };
        let outcome = ask(sample.to, patience)?;
        if let Outcome::Answer { backend, .. } = &outcome {
            backends.insert(backend.clone());
        }
        outcomes.insert(outcome);
        let fruitless = backends.is_empty() && number == WITHOUT_ANSWER;
        if fruitless || !backends.is_empty() && backends.len() >= sample.backends {
            break;
        }
        thread::sleep(some_of(LONGEST_PAUSE));
    }
    Ok(outcomes)
}

/// Any part of it. Where backends take turns, two senders in step would each always meet the same.
fn some_of(whole: Duration) -> Duration {
    let drawn = RandomState::new().build_hasher().finish();
    Duration::from_nanos(drawn % u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX))
}

fn at_once<A: Sync, R: Send>(
    all: &[A],
    run: impl Fn(&A) -> io::Result<R> + Sync,
) -> io::Result<Vec<R>> {
    let run = &run;
    thread::scope(|scope| {
        let start = |one| scope.spawn(move || run(one));
        let started: Vec<_> = all.iter().map(start).collect();
        let ended = started.into_iter().map(ScopedJoinHandle::join);
        ended
            .map(|result| result.expect("a request does not panic"))
            .collect()
    })
}

/// Of the ways in which a request may fail, those that the network decides.
pub(super) fn outcome(result: io::Result<Outcome>) -> io::Result<Outcome> {
    result.or_else(|error| match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            Ok(Outcome::Refused)
        }
        // What a route that prohibits sends back.
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::PermissionDenied => Ok(Outcome::Unclaimed),
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Ok(Outcome::Silence),
        _ => Err(error),
    })
}
