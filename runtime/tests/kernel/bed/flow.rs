//! What is asked of a namespace, and what it answers: one JSON value a line, over pipes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How a destination is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    pub(crate) const ALL: [Self; 2] = [Self::Tcp, Self::Udp];
}

/// A destination as the sender names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Target {
    /// What serves a port.
    Port(Transport, SocketAddr),
    /// An address, which echoes or does not.
    Ping(IpAddr),
}

impl Target {
    pub(crate) fn ip(self) -> IpAddr {
        match self {
            Self::Port(_, address) => address.ip(),
            Self::Ping(address) => address,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(transport, address) => write!(f, "{transport:?} {address}"),
            Self::Ping(address) => write!(f, "ping {address}"),
        }
    }
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// A server answered.
    Answer {
        backend: String,
        /// The sender as the server saw it.
        source_seen: IpAddr,
    },
    /// An echo came back: nobody says from whom.
    Echo,
    /// A packet came back that says no, or a connection ended.
    Refused,
    /// Nobody on the way took the packet for its own: the network beyond the nodes refused it.
    Unclaimed,
    /// Nothing came back in time.
    Silence,
}

impl Outcome {
    /// The server that answered; fails the test where none did.
    #[track_caller]
    pub(crate) fn backend(&self) -> &str {
        match self {
            Self::Answer { backend, .. } => backend,
            other => panic!("{other:?} instead of an answer"),
        }
    }

    /// The sender as the server saw it.
    #[track_caller]
    pub(crate) fn source_seen(&self) -> IpAddr {
        match self {
            Self::Answer { source_seen, .. } => *source_seen,
            other => panic!("{other:?} instead of an answer"),
        }
    }
}

/// What became of many requests, each by a socket of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// Answers, by backend; echoes under no name.
    pub(crate) answered: BTreeMap<String, u32>,
    pub(crate) refused: u32,
    pub(crate) silent: u32,
}

impl Tally {
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Answer { backend, .. } => *self.answered.entry(backend).or_default() += 1,
            Outcome::Refused | Outcome::Unclaimed => self.refused += 1,
            Outcome::Echo => *self.answered.entry(String::new()).or_default() += 1,
            Outcome::Silence => self.silent += 1,
        }
    }

    /// Requests in all.
    pub(crate) fn total(&self) -> u32 {
        self.answered.values().sum::<u32>() + self.refused + self.silent
    }
}

/// Requests to one destination, each by a socket of its own, one after the other, until so many
/// backends have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) to: Target,
    /// How many backends there are to wait for.
    pub(crate) backends: usize,
    /// How many requests at most.
    pub(crate) requests: u32,
}

/// What became of the requests of a sample.
pub(crate) type Outcomes = BTreeSet<Outcome>;

/// Number of something that a namespace keeps.
pub(super) type Handle = usize;

/// What is asked of a namespace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Request {
    /// Serve both transports on this port of every address under this name.
    Serve { name: String, port: u16 },
    /// Send requests, all at once, each by a socket of its own.
    Ask { to: Vec<Target>, patience: Duration },
    /// Take these samples, all at the same time.
    Sample {
        samples: Vec<Sample>,
        patience: Duration,
    },
    /// Send so many requests, one after the other, each by a socket of its own; all are answered.
    Time { to: Target, requests: u32 },
    /// Open a socket and keep it.
    Open { to: Target },
    /// Send a request by a socket that was kept.
    AskAgain { socket: Handle, patience: Duration },
    /// Keep sending requests, each by a socket of its own.
    Start { to: Target },
    /// Say what has become of those requests until now.
    SoFar { stream: Handle },
    /// Stop, and say what became of them.
    Stop { stream: Handle },
}

/// What a namespace answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Reply {
    /// It is done; also said once in the beginning.
    Done,
    /// What became of the request.
    Outcome(Outcome),
    /// What became of each request.
    Outcomes(Vec<Outcome>),
    /// What became of each sample's requests.
    Samples(Vec<Outcomes>),
    /// How long all of it took.
    Took(Duration),
    /// What became of the requests.
    Tally(Tally),
    /// What is kept from now on.
    Kept(Handle),
    /// The namespace cannot do that: the test is wrong.
    Impossible(String),
}
