//! A namespace as a case sees it: a process in it that serves and asks.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{env, fmt, fs};

use super::PEER;
use super::flow::{Handle, Outcome, Outcomes, Reply, Request, Sample, Tally, Target};
use crate::node::Tool;

/// How long an answer may take where one is expected: emulated processors are slow.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to listen where silence is expected.
const BRIEFLY: Duration = Duration::from_millis(1500);
/// The same where either may come, from many requests at once, of many emulated machines on a busy one.
const SAMPLE_PATIENCE: Duration = Duration::from_secs(15);

/// What a namespace does with packets that are not for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It drops them.
    Host,
    /// It forwards them.
    Router,
}

impl Role {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Router => "router",
        }
    }
}

/// A namespace and its process, which ends with this value or with the case.
pub(crate) struct Peer {
    name: String,
    process: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Peer").field(&self.name).finish()
    }
}

impl Peer {
    /// Starts a process in a namespace of its own; [`Self::wait`] for it.
    pub(super) fn start(name: &str, role: Role) -> Self {
        let mut command = Command::new("unshare");
        command.arg("--net").arg(env::current_exe().unwrap());
        Self::spawn(name, role, command)
    }

    /// Starts a process in the case's own namespace.
    pub(super) fn start_here(name: &str, role: Role) -> Self {
        Self::spawn(name, role, Command::new(env::current_exe().unwrap()))
    }

    fn spawn(name: &str, role: Role, mut command: Command) -> Self {
        let mut process = command
            .env(PEER, role.word())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = process.stdin.take().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Self {
            name: name.to_owned(),
            process,
            pipes: RefCell::new((stdin, stdout)),
        }
    }

    /// Waits until the namespace is there.
    pub(super) fn wait(&self) {
        assert!(matches!(self.reply(), Reply::Done));
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The process, by which a namespace is known.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Has `ip` read these lines there.
    pub(super) fn configure(&self, lines: &str) {
        let path = PathBuf::from(format!("{}.ip", self.name));
        fs::write(&path, lines).unwrap();
        Tool::new(&format!("nsenter --net -t {} ip -batch", self.id()))
            .path(&path)
            .run();
    }

    /// Serves this port of every address, under the namespace's name.
    pub(crate) fn serve(&self, port: u16) {
        let name = self.name.clone();
        match self.request(&Request::Serve { name, port }) {
            Reply::Done => {}
            other => panic!("{other:?}"),
        }
    }

    /// Sends one request.
    pub(crate) fn ask(&self, to: Target) -> Outcome {
        self.ask_all(&[to]).remove(0)
    }

    /// Sends one request to each target, all at the same time.
    pub(crate) fn ask_all(&self, to: &[Target]) -> Vec<Outcome> {
        self.ask_within(PATIENCE, to)
    }

    /// As [`Self::ask_all`], where nothing is expected to come back.
    pub(crate) fn ask_all_briefly(&self, to: &[Target]) -> Vec<Outcome> {
        self.ask_within(BRIEFLY, to)
    }

    /// Begins to take samples; [`Self::samples`] has what came of them.
    pub(crate) fn begin_samples(&self, samples: &[Sample]) {
        let samples = samples.to_vec();
        self.send(&Request::Sample {
            samples,
            patience: SAMPLE_PATIENCE,
        });
    }

    /// What came of the samples that were begun.
    pub(crate) fn samples(&self) -> Vec<Outcomes> {
        match self.reply() {
            Reply::Samples(outcomes) => outcomes,
            other => panic!("{other:?}"),
        }
    }

    /// How long so many requests take, one after the other, each by a socket of its own.
    pub(crate) fn time(&self, requests: u32, to: Target) -> Duration {
        match self.request(&Request::Time { to, requests }) {
            Reply::Took(took) => took,
            other => panic!("{other:?}"),
        }
    }

    fn ask_within(&self, patience: Duration, to: &[Target]) -> Vec<Outcome> {
        let to = to.to_vec();
        match self.request(&Request::Ask { to, patience }) {
            Reply::Outcomes(outcomes) => outcomes,
            other => panic!("{other:?}"),
        }
    }

    /// What becomes of several requests, one after the other.
    pub(crate) fn ask_times(&self, times: usize, to: Target) -> BTreeSet<Outcome> {
        (0..times).map(|_| self.ask(to)).collect()
    }

    /// The names of those that answer several requests; every request has to be answered.
    pub(crate) fn backends(&self, times: usize, to: Target) -> BTreeSet<String> {
        let outcomes = self.ask_times(times, to);
        outcomes
            .iter()
            .map(|outcome| outcome.backend().to_owned())
            .collect()
    }

    /// Opens a socket and keeps it: TCP connects, UDP keeps its port.
    pub(crate) fn open(&self, to: Target) -> OpenSocket<'_> {
        OpenSocket {
            socket: self.kept(&Request::Open { to }),
            peer: self,
            to,
        }
    }

    /// Keeps sending requests, each by a socket of its own, one after the other.
    pub(crate) fn stream(&self, to: Target) -> Stream<'_> {
        Stream {
            stream: self.kept(&Request::Start { to }),
            peer: self,
        }
    }

    fn send(&self, request: &Request) {
        let mut line = serde_json::to_string(request).unwrap();
        line.push('\n');
        let written = self.pipes.borrow_mut().0.write_all(line.as_bytes());
        written.unwrap_or_else(|error| panic!("{} is gone: {error}", self.name));
    }

    fn request(&self, request: &Request) -> Reply {
        self.send(request);
        match self.reply() {
            Reply::Impossible(reason) => panic!("{}, asked for {request:?}: {reason}", self.name),
            reply => reply,
        }
    }

    fn reply(&self) -> Reply {
        let mut line = String::new();
        self.pipes.borrow_mut().1.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{} is gone", self.name);
        serde_json::from_str(&line).unwrap()
    }

    fn outcome(&self, request: &Request) -> Outcome {
        match self.request(request) {
            Reply::Outcome(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }

    fn tally(&self, request: &Request) -> Tally {
        match self.request(request) {
            Reply::Tally(tally) => tally,
            other => panic!("{other:?}"),
        }
    }

    fn kept(&self, request: &Request) -> Handle {
        match self.request(request) {
            Reply::Kept(handle) => handle,
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already, and nobody waits for what it would say.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A socket that a namespace keeps.
pub(crate) struct OpenSocket<'a> {
    peer: &'a Peer,
    socket: Handle,
    to: Target,
}

impl fmt::Debug for OpenSocket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.peer.name, self.to)
    }
}

impl OpenSocket<'_> {
    /// Sends a request.
    pub(crate) fn ask(&self) -> Outcome {
        self.peer.outcome(&Request::AskAgain {
            socket: self.socket,
            patience: PATIENCE,
        })
    }
}

/// Requests that a namespace keeps sending.
#[derive(Debug)]
pub(crate) struct Stream<'a> {
    peer: &'a Peer,
    stream: Handle,
}

impl Stream<'_> {
    /// What became of those until now.
    pub(crate) fn so_far(&self) -> Tally {
        let stream = self.stream;
        self.peer.tally(&Request::SoFar { stream })
    }

    /// Stops, and says what became of them.
    pub(crate) fn stop(self) -> Tally {
        let stream = self.stream;
        self.peer.tally(&Request::Stop { stream })
    }
}
