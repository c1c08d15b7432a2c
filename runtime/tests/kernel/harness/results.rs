//! The results of cases, one file each in the folder that the kernel and the machine share.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What became of a case: what it said on standard error, or why it failed.
pub(super) type CaseResult = Result<String, String>;

/// The first word of a file.
const PASSED: &str = "passed\n";
const FAILED: &str = "failed\n";

/// Writes the result of a case; it appears as a whole.
pub(super) fn write(folder: &Path, name: &str, result: &CaseResult) -> io::Result<()> {
    let text = match result {
        Ok(said) => format!("{PASSED}{said}"),
        Err(reason) => format!("{FAILED}{reason}"),
    };
    let path = path(folder, name);
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, text)?;
    fs::rename(unfinished, path)
}

/// Reads the result of a case, once there is one.
pub(super) fn read(folder: &Path, name: &str) -> Option<CaseResult> {
    let text = fs::read_to_string(path(folder, name)).ok()?;
    match text.strip_prefix(FAILED) {
        Some(reason) => Some(Err(reason.to_owned())),
        None => Some(Ok(text.strip_prefix(PASSED).unwrap_or(&text).to_owned())),
    }
}

fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.result"))
}
