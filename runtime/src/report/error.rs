//! Errors as the person who must act reads them: what failed, why, and the way out.

use std::error::Error;
use std::fmt;

use anstyle::{AnsiColor, Style};

use portolan_compiler::escape::paragraph;

use super::Exit;

/// An error that knows its exit code and the way out.
pub trait Explain: Error {
    /// The exit code of a run that ends with it.
    fn exit(&self) -> Exit;

    /// What to do about it, if that is not obvious.
    fn help(&self) -> Option<String> {
        None
    }
}

/// One or several errors that end a run.
#[derive(Debug)]
pub struct Failure(Vec<Box<dyn Explain + Send>>);

impl Failure {
    /// All of these errors; the first decides the exit code.
    pub fn all<E: Explain + Send + 'static>(errors: impl IntoIterator<Item = E>) -> Self {
        let boxed = |error| -> Box<dyn Explain + Send> { Box::new(error) };
        Self(errors.into_iter().map(boxed).collect())
    }

    /// The first error in a line, with the way out.
    pub(crate) fn in_a_line(&self) -> String {
        let Some(error) = self.0.first() else {
            return String::new();
        };
        match error.help() {
            Some(help) => format!("{error}; {help}"),
            None => error.to_string(),
        }
    }

    /// The exit code of a run that ends with it.
    pub fn exit(&self) -> Exit {
        self.0.first().map_or(Exit::Internal, |error| error.exit())
    }
}

impl<E: Explain + Send + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(vec![Box::new(error)])
    }
}

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const BOLD: Style = Style::new().bold();
/// Columns before further lines of a text, such as what a tool says.
const INDENT: usize = 4;

impl fmt::Display for Failure {
    /// With colours; [`super::Output`] drops them where they are not wanted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in &self.0 {
            let message = error.to_string();
            writeln!(
                f,
                "{ERROR}error{ERROR:#}{BOLD}: {}{BOLD:#}",
                paragraph(&message, INDENT)
            )?;
            let mut source = error.source();
            while let Some(cause) = source {
                writeln!(f, "  cause: {}", paragraph(&cause.to_string(), INDENT))?;
                source = cause.source();
            }
            if let Some(help) = error.help() {
                writeln!(f, "  help: {}", paragraph(&help, INDENT))?;
            }
        }
        Ok(())
    }
}

/// A mistake on the command line that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct UsageError {
    message: String,
    help: String,
}

impl UsageError {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

impl Explain for UsageError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn help(&self) -> Option<String> {
        Some(self.help.clone())
    }
}
