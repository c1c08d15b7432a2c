//! What the targets of golden tests share: the command run in-process, the cases of `fixtures/`, and
//! snapshots at the top level.

mod command;
pub mod diff;
pub mod lint;
mod scenario;
mod snapshot;

pub use command::{Portolan, Run};
pub use scenario::{Compiled, Scenario, names};
pub use snapshot::snapshot;

/// A new folder that goes when the test ends.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A file below `fixtures/`, as seen from the checkout's top, where tests run: no output may hold
/// where the checkout lies, be it through a digest or a width.
pub fn fixture(path: &str) -> String {
    format!("fixtures/{path}")
}
