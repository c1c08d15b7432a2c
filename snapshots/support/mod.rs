//! What the tests share: running the command in-process, and snapshots at the top level.

mod command;
mod scenario;
mod snapshot;

pub(crate) use command::{Portolan, Run};
pub(crate) use scenario::{Compiled, Scenario};
pub(crate) use snapshot::snapshot;

/// A new folder that goes when the test ends.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A file below `fixtures/`, wherever the test runs.
pub(crate) fn fixture(path: &str) -> String {
    format!("{}/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))
}
