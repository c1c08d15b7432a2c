//! The three standard streams, handed in by the caller.

use std::fmt;
use std::io::{self, IsTerminal, Read, Write};

use portolan_compiler::escape::{self, is_letter};

use super::{Exit, Explain};

/// Where a run reads from and writes to.
pub struct Streams<'a> {
    /// Read for `-`, and for answers to questions.
    pub stdin: &'a mut (dyn Read + Send),
    /// What is behind it: people can only be asked at a terminal.
    pub stdin_device: Device,
    /// Where results go: what a run is asked for.
    pub stdout: Output<'a>,
    /// Where diagnostics, progress and questions go.
    pub stderr: Output<'a>,
}

impl fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

/// Whether text keeps its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It keeps them.
    Coloured,
    /// They are taken out.
    Plain,
}

impl From<anstream::ColorChoice> for Look {
    fn from(choice: anstream::ColorChoice) -> Self {
        match choice {
            anstream::ColorChoice::Never => Self::Plain,
            _ => Self::Coloured,
        }
    }
}

/// What is behind a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// A terminal, where people look on.
    Terminal,
    /// A file, a pipe, a test.
    Other,
}

impl Device {
    /// What is behind this stream.
    pub fn of(stream: &impl IsTerminal) -> Self {
        if stream.is_terminal() {
            Self::Terminal
        } else {
            Self::Other
        }
    }
}

/// One output stream.
///
/// A reader that goes away (`portolan … | head`) is no error: the rest is dropped, the work is
/// finished, and the exit code says what it always says. Any other failure is kept for
/// [`Self::finish`].
pub struct Output<'a> {
    writer: &'a mut (dyn Write + Send),
    look: Look,
    device: Device,
    state: State,
}

enum State {
    Open,
    Gone,
    Failed(io::Error),
}

impl<'a> Output<'a> {
    /// An output on a writer.
    pub fn new(writer: &'a mut (dyn Write + Send), look: Look, device: Device) -> Self {
        Self {
            writer,
            look,
            device,
            state: State::Open,
        }
    }

    /// An output without colours or a terminal.
    pub fn plain(writer: &'a mut (dyn Write + Send)) -> Self {
        Self::new(writer, Look::Plain, Device::Other)
    }

    /// What is behind it.
    pub fn device(&self) -> Device {
        self.device
    }

    /// Whether text keeps its colours there.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Decides about colours.
    pub fn set_look(&mut self, look: Look) {
        self.look = look;
    }

    /// Writes bytes as they are: artefacts, which hold nothing that was not checked.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if let State::Open = self.state {
            self.state = match self.writer.write_all(bytes) {
                Ok(()) => State::Open,
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => State::Gone,
                Err(error) => State::Failed(error),
            };
        }
    }

    /// Writes text for people that may hold colours. Nothing else that acts on a terminal or in a log
    /// gets through, whoever forgot to quote it.
    pub fn styled(&mut self, text: &str) {
        let text = escape::guarded(text);
        match self.look {
            Look::Coloured => self.bytes(text.as_bytes()),
            Look::Plain => {
                let plain = anstream::adapter::strip_str(&text).to_string();
                self.bytes(plain.as_bytes());
            }
        }
    }

    /// Writes a document in a language of its own, whose printer has quoted what is in it.
    pub fn document(&mut self, text: &str) {
        debug_assert!(
            text.chars()
                .all(|c| matches!(c, '\n' | ' '..='~') || is_letter(c)),
            "documents are in printable ASCII, and paths in letters"
        );
        self.bytes(text.as_bytes());
    }

    /// Draws on a terminal, at once: text of ours alone, which may move the cursor.
    pub fn draw(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        drop(self.writer.flush());
    }

    /// Writes a message that may hold colours, at once. Meant for stderr: where it cannot be
    /// written there is nobody to tell.
    pub fn say(&mut self, text: &str) {
        self.styled(text);
        drop(self.writer.flush());
    }

    /// Writes out what is buffered, for a reader who reads along. A failure shows when the output is
    /// finished.
    pub fn flush(&mut self) {
        if let Err(error) = self.writer.flush()
            && let State::Open = self.state
        {
            self.state = match error.kind() {
                io::ErrorKind::BrokenPipe => State::Gone,
                _ => State::Failed(error),
            };
        }
    }

    /// Writes out what is buffered.
    ///
    /// # Errors
    /// With the first failure since the last call, unless the reader went away.
    pub fn finish(&mut self) -> Result<(), OutputError> {
        let state = std::mem::replace(&mut self.state, State::Open);
        let flushed = self.writer.flush();
        match (state, flushed) {
            (State::Failed(error), _) => Err(OutputError(error)),
            (State::Open, Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(OutputError(error))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("look", &self.look)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

/// The result could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the result to standard output")]
pub struct OutputError(#[source] io::Error);

impl Explain for OutputError {
    fn exit(&self) -> Exit {
        Exit::Io
    }
}
