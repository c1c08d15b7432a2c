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

    /// Hands a file to its standard input.
    pub(crate) fn reading(mut self, path: &Path) -> Self {
        self.command.stdin(File::open(path).unwrap());
        self
    }

    /// Runs it and gives what it printed.
    #[track_caller]
    pub(crate) fn output(self) -> String {
        self.try_output()
            .unwrap_or_else(|reason| panic!("{reason}"))
    }

    /// Runs it and gives what it printed, or how it failed.
    pub(crate) fn try_output(mut self) -> Result<String, String> {
        let output = match self.command.output() {
            Ok(output) => output,
            Err(error) => panic!("{:?} cannot be started: {error}", self.command),
        };
        let (stdout, stderr) = (&output.stdout, &output.stderr);
        if !output.status.success() {
            return Err(format!(
                "{:?}: {}\n{}{}",
                self.command,
                output.status,
                String::from_utf8_lossy(stdout),
                String::from_utf8_lossy(stderr),
            ));
        }
        Ok(String::from_utf8(output.stdout).unwrap())
    }

    /// Runs it and gives what it printed on both streams.
    #[track_caller]
    pub(crate) fn both(mut self) -> String {
        let output = self.command.output().unwrap();
        let both = [output.stdout, output.stderr].concat();
        let both = String::from_utf8(both).unwrap();
        assert!(
            output.status.success(),
            "{:?}: {}\n{both}",
            self.command,
            output.status
        );
        both
    }

    pub(crate) fn run(self) {
        drop(self.output());
    }
}
