//! What a node can be told.

use portolan_compiler::apply::Batch;

use super::HostError;

/// One node that can be changed.
pub trait Executor {
    /// Loads modules that are not there yet, by their names.
    ///
    /// # Errors
    /// Where `modprobe` is missing or fails.
    fn load(&self, modules: &[&str]) -> Result<(), HostError>;

    /// Carries out a batch. What was done before an error stays done: whoever needs more looks at
    /// the node again.
    ///
    /// # Errors
    /// Where the kernel or a program refuses.
    fn carry_out(&self, batch: &Batch) -> Result<(), HostError>;
}
