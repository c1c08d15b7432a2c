//! A namespace's own process: does what the case asks until the case is gone.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::flow::{Handle, Outcome, Reply, Request, Tally, Target};
use super::peer::Role;
use super::{PEER, client, server};

/// Between two requests of a stream: emulated processors are slow.
const PAUSE: Duration = Duration::from_millis(100);
/// Streams, kept connections and what is timed are not to fail because the machine is busy.
const STREAM_PATIENCE: Duration = Duration::from_secs(5);

/// Addresses are usable at once, a route is what the bed says it is, and root may ping.
const SETTINGS: [(&str, &str); 7] = [
    ("/proc/sys/net/ipv6/conf/all/accept_dad", "0"),
    ("/proc/sys/net/ipv6/conf/default/accept_dad", "0"),
    ("/proc/sys/net/ipv6/conf/all/accept_redirects", "0"),
    ("/proc/sys/net/ipv6/conf/default/accept_redirects", "0"),
    ("/proc/sys/net/ipv4/conf/all/accept_redirects", "0"),
    ("/proc/sys/net/ipv4/conf/default/accept_redirects", "0"),
    ("/proc/sys/net/ipv4/ping_group_range", "0 0"),
];
/// Beyond that, a router forwards, and refuses every packet that it refuses, not some a second.
const ROUTER: [(&str, &str); 4] = [
    ("/proc/sys/net/ipv4/ip_forward", "1"),
    ("/proc/sys/net/ipv6/conf/all/forwarding", "1"),
    ("/proc/sys/net/ipv4/icmp_ratemask", "0"),
    // Of a kind that nothing is refused with.
    ("/proc/sys/net/ipv6/icmp/ratemask", "2"),
];

/// What this process is, where it is a namespace's own.
pub(crate) fn main() -> Option<ExitCode> {
    let role = env::var(PEER).ok()?;
    let mut settings = SETTINGS.to_vec();
    if role == Role::Router.word() {
        settings.extend(ROUTER);
    }
    for (path, value) in settings {
        fs::write(path, value).unwrap();
    }
    let mut kept = Kept::default();
    let mut answers = io::stdout();
    say(&mut answers, &Reply::Done);
    for line in io::stdin().lines() {
        let request = serde_json::from_str(&line.unwrap()).unwrap();
        let reply = kept.carry_out(request);
        let reply = reply.unwrap_or_else(|error| Reply::Impossible(error.to_string()));
        say(&mut answers, &reply);
    }
    Some(ExitCode::SUCCESS)
}

fn say(answers: &mut impl Write, reply: &Reply) {
    let mut line = serde_json::to_string(reply).unwrap();
    line.push('\n');
    answers.write_all(line.as_bytes()).unwrap();
    answers.flush().unwrap();
}

#[derive(Debug, Default)]
struct Kept {
    sockets: Vec<client::Socket>,
    streams: Vec<Stream>,
}

impl Kept {
    fn carry_out(&mut self, request: Request) -> io::Result<Reply> {
        Ok(match request {
            Request::Serve { name, port } => {
                server::serve(&name, port)?;
                Reply::Done
            }
            Request::Ask { to, patience } => Reply::Outcomes(client::ask_all(&to, patience)?),
            Request::Sample { samples, patience } => {
                Reply::Samples(client::sample_all(&samples, patience)?)
            }
            Request::Time { to, requests } => {
                Reply::Took(client::time(to, requests, STREAM_PATIENCE)?)
            }
            Request::Open { to } => {
                let Target::Port(transport, address) = to else {
                    return Ok(Reply::Impossible(format!("{to} takes no socket to keep")));
                };
                let socket = client::Socket::open(transport, address, STREAM_PATIENCE)?;
                self.sockets.push(socket);
                Reply::Kept(self.sockets.len() - 1)
            }
            Request::AskAgain { socket, patience } => {
                Reply::Outcome(client::outcome(self.sockets[socket].ask(patience))?)
            }
            Request::Start { to } => {
                self.streams.push(Stream::start(to));
                Reply::Kept(self.streams.len() - 1)
            }
            Request::SoFar { stream } => Reply::Tally(self.streams[stream].so_far()),
            Request::Stop { stream } => Reply::Tally(self.stop(stream)?),
        })
    }

    fn stop(&mut self, stream: Handle) -> io::Result<Tally> {
        let stream = &mut self.streams[stream];
        stream.stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = stream.thread.take() {
            thread.join().expect("a stream does not panic")?;
        }
        Ok(stream.so_far())
    }
}

/// Requests one after the other.
#[derive(Debug)]
struct Stream {
    stopped: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Stream {
    fn start(to: Target) -> Self {
        let stopped: Arc<AtomicBool> = Arc::default();
        let tally: Arc<Mutex<Tally>> = Arc::default();
        let thread = thread::spawn({
            let (stopped, tally) = (Arc::clone(&stopped), Arc::clone(&tally));
            move || {
                while !stopped.load(Ordering::Relaxed) {
                    let outcome: Outcome = client::ask(to, STREAM_PATIENCE)?;
                    tally.lock().unwrap().add(outcome);
                    thread::sleep(PAUSE);
                }
                Ok(())
            }
        });
        Self {
            stopped,
            tally,
            thread: Some(thread),
        }
    }

    fn so_far(&self) -> Tally {
        self.tally.lock().unwrap().clone()
    }
}
