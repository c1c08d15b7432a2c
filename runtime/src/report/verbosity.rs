//! How much is said.

use portolan_compiler::diag::Alike;

/// How much a run says beside its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors, and nothing else beside the result.
    Quiet,
    /// Diagnostics and a summary.
    Normal,
    /// Also how long each phase took, and each finding that is like another.
    Verbose,
    /// Also a log of stages and of what the node was asked.
    Log,
}

impl Verbosity {
    /// How findings are told that say the same of many objects.
    pub fn alike(self) -> Alike {
        if self >= Self::Verbose {
            Alike::Each
        } else {
            Alike::Once
        }
    }
}
