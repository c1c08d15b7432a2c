//! The terminal that somebody types at.

use std::fs::File;
use std::io::{self, Read as _, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{QueueSelector, tcflush};

/// How long whoever wants an end waits at most.
const PATIENCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};
/// A longer line is no answer.
const LONGEST: usize = 4096;

/// The terminal that standard input is, wherever the other streams lead.
#[derive(Debug)]
pub struct Terminal(File);

impl Terminal {
    /// Opens it.
    ///
    /// # Errors
    /// Where there is none.
    pub fn open() -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let open = |path: &str| rustix::fs::open(path, flags, Mode::empty());
        // What standard input is may be another user's; the terminal of the session is everybody's.
        let file = open("/proc/self/fd/0").or_else(|_| open("/dev/tty"))?;
        Ok(Self(file.into()))
    }

    /// The line that is typed from now on, without its end: what was typed before is no answer. `None` as
    /// soon as `ended` says so.
    ///
    /// # Errors
    /// Where the terminal went away.
    pub fn answer(
        &mut self,
        question: &mut dyn FnMut(&mut dyn Write),
        ended: &dyn Fn() -> bool,
    ) -> io::Result<Option<String>> {
        tcflush(&self.0, QueueSelector::IFlush)?;
        question(&mut self.0);
        let mut line = Vec::new();
        while !ended() {
            let mut ready = [PollFd::new(&self.0, PollFlags::IN)];
            match poll(&mut ready, Some(&PATIENCE)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                other => other?,
            };
            let mut bytes = [0; LONGEST];
            let read = match self.0.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            line.extend_from_slice(&bytes[..read]);
            let end = line.iter().position(|byte| *byte == b'\n');
            if end.is_some() || read == 0 || line.len() > LONGEST {
                line.truncate(end.unwrap_or(line.len()));
                return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::thread;
    use std::time::Duration;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    /// A terminal, and who types at it.
    fn pair() -> (Terminal, File) {
        let typist = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&typist).unwrap();
        unlockpt(&typist).unwrap();
        let name = ptsname(&typist, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let terminal = rustix::fs::open(name, flags, Mode::empty()).unwrap();
        (Terminal(terminal.into()), typist.into())
    }

    #[test]
    fn what_is_typed_after_the_question_is_the_answer() {
        let (mut terminal, mut typist) = pair();
        typist.write_all(b"yes\n").unwrap();
        // What is typed ahead has reached the terminal.
        thread::sleep(Duration::from_millis(50));
        let mut hand = typist.try_clone().unwrap();
        let mut question = |out: &mut dyn Write| {
            out.write_all(b"Sure? ").unwrap();
            hand.write_all(b" no\nyes\n").unwrap();
        };
        let answer = terminal.answer(&mut question, &|| false).unwrap();
        assert_eq!(answer.as_deref(), Some(" no"));
        let mut shown = [0; 64];
        let read = typist.read(&mut shown).unwrap();
        let shown = String::from_utf8_lossy(&shown[..read]);
        assert!(
            shown.contains("yes"),
            "{shown}: as it was typed, it is shown"
        );
    }

    #[test]
    fn an_end_of_the_input_is_an_answer_and_a_signal_is_none() {
        let (mut terminal, mut typist) = pair();
        let mut question = |_: &mut dyn Write| typist.write_all(b"\x04").unwrap();
        let answer = terminal.answer(&mut question, &|| false).unwrap();
        assert_eq!(answer.as_deref(), Some(""));
        let asked = Cell::new(0);
        let ended = || asked.replace(asked.get() + 1) == 2;
        assert_eq!(terminal.answer(&mut |_| {}, &ended).unwrap(), None);
    }
}
