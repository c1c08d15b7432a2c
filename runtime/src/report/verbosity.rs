//! How much is said.

/// How much a run says beside its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Diagnostics and a summary.
    Normal,
    /// Also how long each phase took.
    Verbose,
    /// Also a log of stages and of what the node was asked.
    Log,
}
