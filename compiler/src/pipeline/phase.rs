//! What is told of how far the work is.

/// A stage of the work, for whoever shows progress or measures time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Bytes to Kubernetes objects.
    Read,
    /// Objects to validated values.
    Model,
    /// Values to the mode-neutral program.
    Lower,
    /// Program to the state of a node, and that to text.
    Emit,
}

/// Told when a phase begins. The compiler itself has no clock.
pub trait Observer: Sync {
    /// A phase begins; the one before is over.
    fn begin(&self, phase: Phase);
}

/// An observer that does not care.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn begin(&self, _: Phase) {}
}
