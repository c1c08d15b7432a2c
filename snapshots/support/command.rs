//! The command, run in-process: no terminal, no environment, only what the test hands in.

use std::fmt;

use portolan_runtime::app;
use portolan_runtime::report::{Device, Exit, Output, Streams};

/// A command line under construction.
#[derive(Debug, Clone, Default)]
pub struct Portolan {
    args: Vec<String>,
    stdin: Vec<u8>,
    folder: Option<String>,
}

/// How it ended, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Results.
    pub stdout: Vec<u8>,
    /// Everything else.
    pub stderr: String,
    /// Exit code.
    pub exit: Exit,
}

impl Portolan {
    /// A command line: words separated by spaces.
    pub fn new(words: &str) -> Self {
        Self::default().words(words)
    }

    /// More words, separated by spaces.
    #[must_use]
    pub fn words(mut self, words: &str) -> Self {
        self.args
            .extend(words.split_whitespace().map(str::to_owned));
        self
    }

    /// One more argument, as it is.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// What comes through the pipe.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// A folder whose path is different every time: written `[DIR]` in what the command says.
    #[must_use]
    pub fn hide(mut self, folder: &tempfile::TempDir) -> Self {
        self.folder = Some(folder.path().display().to_string());
        self
    }

    /// Runs it.
    pub fn run(&self) -> Run {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut stdin = self.stdin.as_slice();
        let args = std::iter::once("portolan").chain(self.args.iter().map(String::as_str));
        let exit = app::run(
            args,
            &mut Streams {
                stdin: &mut stdin,
                stdin_device: Device::Other,
                stdout: Output::plain(&mut stdout),
                stderr: Output::plain(&mut stderr),
            },
        );
        let mut stderr = String::from_utf8(stderr).expect("messages are UTF-8");
        if let Some(folder) = &self.folder {
            stderr = stderr.replace(folder.as_str(), "[DIR]");
            // What is no text has no path to hide.
            if let Ok(text) = std::str::from_utf8(&stdout) {
                stdout = text.replace(folder.as_str(), "[DIR]").into_bytes();
            }
        }
        // Paths of fixtures, as a reader of the repository knows them.
        let root = format!("{}/", env!("CARGO_MANIFEST_DIR"));
        Run {
            stdout,
            stderr: stderr.replace(&root, ""),
            exit,
        }
    }
}

impl Run {
    /// What it printed, as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("the result is UTF-8")
    }
}

impl fmt::Display for Run {
    /// Everything a user sees, for a snapshot.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())?;
        if !self.stderr.is_empty() {
            write!(f, "------- stderr -------\n{}", self.stderr)?;
        }
        writeln!(
            f,
            "------- exit {}: {} -------",
            self.exit.code(),
            self.exit.meaning()
        )
    }
}
