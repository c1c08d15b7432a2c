//! Sees to it that a change is undone unless somebody confirms it, whatever happens to the process
//! that made it.
//!
//! The deadline is in the journal, by a clock that nobody sets. Whoever runs `portolan recover` after
//! it undoes the change; what is armed here only runs that in time: a timer of systemd where systemd
//! runs, or else a process of its own, away from the terminal. A boot in between needs neither: it
//! brings back the last confirmed generation.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::store::{Lock, TransactionId};
use crate::host;

/// There where systemd is the machine's first process (`sd_booted(3)`).
const SYSTEMD: &str = "/run/systemd/system";

/// Where distributions have it.
const SYSTEMD_RUN: [&str; 2] = ["/usr/bin/systemd-run", "/bin/systemd-run"];

/// Who sees to it that an unconfirmed change is undone.
pub trait Arm {
    /// Arranges that `recover` runs for this transaction after this many seconds.
    ///
    /// # Errors
    /// Where that cannot be arranged.
    fn arm(&self, id: &TransactionId, seconds: u64, lock: &Lock) -> io::Result<()>;
}

/// Runs this program again when the time is over.
#[derive(Debug, Clone)]
pub struct Timer {
    program: PathBuf,
    state_dir: PathBuf,
}

impl Timer {
    /// A timer that runs this program on these records.
    pub fn new(program: PathBuf, state_dir: &Path) -> Self {
        Self {
            program,
            state_dir: state_dir.to_owned(),
        }
    }

    /// What is run: it does nothing where the transaction is no longer under way.
    fn arguments(&self, id: &TransactionId) -> [OsString; 5] {
        [
            "recover".into(),
            "--state-dir".into(),
            self.state_dir.clone().into(),
            "--at-deadline".into(),
            id.to_string().into(),
        ]
    }

    fn systemd(&self, id: &TransactionId, seconds: u64) -> io::Result<()> {
        let program = SYSTEMD_RUN.iter().find(|path| Path::new(path).exists());
        let program = program.ok_or(io::ErrorKind::NotFound)?;
        let mut command = quiet(Command::new(program));
        command
            .arg("--quiet")
            .arg("--collect")
            .arg(format!("--unit=portolan-confirm-{id}"))
            .arg(format!("--on-active={seconds}"))
            .arg("--timer-property=AccuracySec=100ms")
            .arg(&self.program)
            .args(self.arguments(id));
        let status = host::run_to_end(&mut command)?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("systemd-run failed ({status})")))
        }
    }

    /// A process that becomes the leader of a session of its own, so that neither the terminal nor
    /// its hang-up reaches it.
    fn detached(&self, id: &TransactionId) -> io::Result<()> {
        let mut command = quiet(Command::new(&self.program));
        command.args(self.arguments(id)).spawn().map(drop)
    }
}

/// Away from our streams and our environment.
fn quiet(mut command: Command) -> Command {
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

impl Arm for Timer {
    fn arm(&self, id: &TransactionId, seconds: u64, lock: &Lock) -> io::Result<()> {
        if Path::new(SYSTEMD).is_dir() {
            lock.without(|| self.systemd(id, seconds))
        } else {
            lock.without(|| self.detached(id))
        }
    }
}
