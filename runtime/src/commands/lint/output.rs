//! Where findings go, and as what.

use std::path::PathBuf;

use clap::ValueEnum;

/// A value of `--output`: a format, and a file unless it is for standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputArg {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// With their source lines.
    Text,
    /// As one JSON document.
    Json,
    /// As SARIF 2.1.0.
    Sarif,
    /// As a JUnit report.
    Junit,
    /// As GitHub's workflow commands.
    Github,
}

/// Text that says no format.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    #[error("unknown format {0:?}: use text, json, sarif, junit or github")]
    Format(String),
    #[error("no file after {0:?}=")]
    File(String),
}

pub(super) fn parse(text: &str) -> Result<OutputArg, OutputError> {
    let (format, file) = match text.split_once('=') {
        Some((format, "")) => return Err(OutputError::File(format.to_owned())),
        Some((format, file)) => (format, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let format =
        Format::from_str(format, true).map_err(|_| OutputError::Format(format.to_owned()))?;
    Ok(OutputArg { format, file })
}
