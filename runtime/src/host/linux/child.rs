//! Runs a program to its end, or ends it: one that hangs would hold everything up, and the lock with it.

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::host::signal::{Heed, Signal, came, heed};

/// How long a program may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    /// In all: far longer than the largest node takes.
    pub(super) whole: Duration,
    /// From a signal on, where it changes something.
    pub(super) after_signal: Duration,
}

impl Patience {
    /// With programs that only read, which a signal ends at once as long as nothing was touched.
    pub(super) const READING: Self = Self {
        whole: Duration::from_secs(120),
        after_signal: Duration::from_secs(10),
    };
    /// With programs that change something: they wait for locks, and for the kernel.
    pub(super) const CHANGING: Self = Self {
        whole: Duration::from_secs(600),
        after_signal: Duration::from_secs(10),
    };
}

/// Why a program did not come to its end.
#[derive(Debug)]
pub(super) enum Cut {
    /// It cannot be started, or fed.
    Failed(io::Error),
    /// It took longer than this.
    Hung(Duration),
    /// Somebody wants us to end.
    Signalled(Signal),
}

impl From<io::Error> for Cut {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// How often signals and the clock are looked at.
const TICK: Duration = Duration::from_millis(20);
/// How long one that has closed its outputs is looked at all the time.
const SHORT: Duration = Duration::from_micros(100);
/// How long one that was killed is waited for: in the kernel it may be out of reach.
const REAPING: Duration = Duration::from_secs(5);

/// What comes of its pipes.
enum Said {
    Out(io::Result<Vec<u8>>),
    Err(io::Result<Vec<u8>>),
    Fed(io::Result<()>),
}

/// Runs a command, in a process group of its own, and feeds it. Each pipe has a thread: it may print
/// before it has read everything, or stop reading where it fails.
pub(super) fn output(
    command: &mut Command,
    input: &str,
    patience: Patience,
) -> Result<Output, Cut> {
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (says, said) = channel();
    if let Some(mut pipe) = child.stdin.take() {
        let (says, input) = (says.clone(), input.to_owned());
        thread::spawn(move || says.send(Said::Fed(pipe.write_all(input.as_bytes()))));
    }
    read(child.stdout.take(), &says, Said::Out);
    read(child.stderr.take(), &says, Said::Err);
    drop(says);
    let ended = wait(&mut child, &said, patience);
    if ended.is_err() {
        kill(&mut child);
    }
    ended
}

fn read(
    pipe: Option<impl Read + Send + 'static>,
    says: &Sender<Said>,
    what: fn(io::Result<Vec<u8>>) -> Said,
) {
    let Some(mut pipe) = pipe else {
        return;
    };
    let says = says.clone();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.read_to_end(&mut bytes);
        // Nobody listens any more where it was ended.
        drop(says.send(what(read.map(|_| bytes))));
    });
}

fn wait(child: &mut Child, said: &Receiver<Said>, patience: Patience) -> Result<Output, Cut> {
    let mut clock = Clock::start(patience);
    let (mut out, mut err, mut fed) = (None, None, None);
    while out.is_none() || err.is_none() {
        match said.recv_timeout(TICK) {
            Ok(Said::Out(read)) => out = Some(read?),
            Ok(Said::Err(read)) => err = Some(read?),
            Ok(Said::Fed(wrote)) => fed = Some(wrote),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        clock.look()?;
    }
    let status = end(child, &mut clock)?;
    if let Ok(Said::Fed(wrote)) = said.recv_timeout(TICK) {
        fed = Some(wrote);
    }
    match fed {
        // It says itself why it stopped reading.
        Some(Err(error)) if status.success() => Err(error.into()),
        _ => Ok(Output {
            status,
            stdout: out.unwrap_or_default(),
            stderr: err.unwrap_or_default(),
        }),
    }
}

/// The end of one that has closed its outputs: mostly it is there.
fn end(child: &mut Child, clock: &mut Clock) -> Result<ExitStatus, Cut> {
    let mut pause = SHORT;
    loop {
        if has_ended(child) {
            return Ok(child.wait()?);
        }
        clock.look()?;
        thread::sleep(pause);
        pause = (pause * 2).min(TICK);
    }
}

/// Ends it and all that it started.
fn kill(child: &mut Child) {
    let group = Pid::from_child(child);
    // Whoever is gone already cannot be killed.
    let _ = kill_process_group(group, rustix::process::Signal::KILL);
    drop(child.kill());
    let since = Instant::now();
    while since.elapsed() < REAPING {
        if has_ended(child) {
            drop(child.wait());
            return;
        }
        thread::sleep(TICK);
    }
}

/// Whether there is nothing left to wait for; its status stays where it is.
fn has_ended(child: &Child) -> bool {
    let id = WaitId::Pid(Pid::from_child(child));
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    // Where nobody tells, waiting does.
    waitid(id, options).map_or(true, |status| status.is_some())
}

/// When it has taken too long.
struct Clock {
    patience: Patience,
    since: Instant,
    /// A signal that had come before: whoever started this has heard of it.
    heard: Option<Signal>,
    signalled: Option<Instant>,
}

impl Clock {
    fn start(patience: Patience) -> Self {
        Self {
            patience,
            since: Instant::now(),
            heard: came(),
            signalled: None,
        }
    }

    fn look(&mut self) -> Result<(), Cut> {
        if self.since.elapsed() >= self.patience.whole {
            return Err(Cut::Hung(self.patience.whole));
        }
        let Some(signal) = came() else {
            return Ok(());
        };
        if heed() == Heed::AtOnce && self.patience == Patience::READING {
            return Err(Cut::Signalled(signal));
        }
        if self.heard.is_some() {
            return Ok(());
        }
        let since = *self.signalled.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.patience.after_signal {
            return Err(Cut::Signalled(signal));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, whole: Duration) -> Result<Output, Cut> {
        let patience = Patience {
            whole,
            after_signal: whole,
        };
        let mut command = Command::new("/bin/sh");
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        output(command.args(["-c", script]), "some input", patience)
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_all_that_it_started() {
        let limit = Duration::from_millis(300);
        for script in [
            "sleep 60",
            "sleep 60 & wait",
            // It has nothing more to say, and does not end.
            "exec >/dev/null 2>&1; sleep 60",
            // It does not listen to anything less.
            "trap '' TERM INT; sleep 60; sleep 60",
        ] {
            let since = Instant::now();
            let ended = shell(script, limit);
            assert!(matches!(ended, Err(Cut::Hung(_))), "{script}: {ended:?}");
            assert!(since.elapsed() < Duration::from_secs(10), "{script}");
        }
    }

    #[test]
    fn what_ends_in_time_is_left_alone() {
        let limit = Duration::from_secs(60);
        let output = shell("cat; echo no >&2; exit 3", limit).unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout, b"some input");
        assert_eq!(output.stderr, b"no\n");
    }
}
