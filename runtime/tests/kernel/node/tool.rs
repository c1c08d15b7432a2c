//! Runs a tool, which has to succeed.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// A call of a tool.
#[derive(Debug)]
pub(crate) struct Tool {
    command: Command,
}

impl Tool {
    /// A call with arguments separated by spaces.
    pub(crate) fn new(line: &str) -> Self {
        let mut words = line.split_whitespace();
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).stdin(Stdio::null());
        Self { command }
    }

    /// One more argument.
    pub(crate) fn path(mut self, path: &Path) -> Self {
        self.command.arg(path);
        self
    }

    /// Standard input.
    pub(crate) fn reading(mut self, path: &Path) -> Self {
        self.command.stdin(File::open(path).unwrap());
        self
    }

    /// Runs it and gives what it printed.
    pub(crate) fn output(mut self) -> String {
        let output = match self.command.output() {
            Ok(output) => output,
            Err(error) => panic!("{:?} cannot be started: {error}", self.command),
        };
        assert!(
            output.status.success(),
            "{:?}: {}\n{}{}",
            self.command,
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it.
    pub(crate) fn run(self) {
        drop(self.output());
    }
}
