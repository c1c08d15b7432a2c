//! Where a report goes, and as what: several formats at once, all but one of them into files.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::report::UsageError;

/// A value of `--output`: a format, and a file unless it is for standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct OutputArg<F> {
    pub(in crate::commands) format: F,
    pub(in crate::commands) file: Option<PathBuf>,
}

/// Text that says no format.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum OutputError {
    #[error("unknown format {0:?}: use {1}")]
    Format(String, String),
    #[error("no file after {0:?}=")]
    File(String),
}

pub(in crate::commands) fn parse<F: ValueEnum>(text: &str) -> Result<OutputArg<F>, OutputError> {
    let (format, file) = match text.split_once('=') {
        Some((format, "")) => return Err(OutputError::File(format.to_owned())),
        Some((format, file)) => (format, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let format = F::from_str(format, true)
        .map_err(|_| OutputError::Format(format.to_owned(), formats::<F>()))?;
    Ok(OutputArg { format, file })
}

/// `text, json, sarif, junit or github`.
fn formats<F: ValueEnum>() -> String {
    let values = F::value_variants().iter().filter_map(F::to_possible_value);
    let names: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Refuses two reports for one pipe.
pub(in crate::commands) fn refuse_two<F>(outputs: &[OutputArg<F>]) -> Result<(), UsageError> {
    let to_stdout = outputs.iter().filter(|output| output.file.is_none());
    if to_stdout.count() <= 1 {
        return Ok(());
    }
    Err(UsageError::new(
        "two outputs cannot share standard output",
        "write all but one of them to files, such as --output sarif=lint.sarif",
    ))
}
