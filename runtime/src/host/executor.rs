//! What a node can be told.

use portolan_compiler::model::TransportAddress;
use portolan_compiler::plan::{Step, Uptime};

use super::{Driver, HostError};

/// One node that can be changed.
pub trait Executor {
    /// Loads modules that are not there yet, by their names.
    ///
    /// # Errors
    /// Where `modprobe` is missing or fails.
    fn load(&self, modules: &[&str]) -> Result<(), HostError>;

    /// Whether the programs that these steps take are there, before anything is changed.
    ///
    /// # Errors
    /// With the first one that is not.
    fn ready(&self, steps: &[Step]) -> Result<(), HostError>;

    /// Carries out steps in order, as few requests as they allow. What was done before an error stays
    /// done: whoever needs more looks at the node again.
    ///
    /// # Errors
    /// Where the kernel or a program refuses.
    fn carry_out(&self, steps: &[Step]) -> Result<(), HostError>;

    /// Sets the counters of virtual servers and of their destinations to zero.
    ///
    /// # Errors
    /// Where one is not there, or the kernel refuses.
    fn zero(&self, servers: &[TransportAddress]) -> Result<(), HostError>;
}

/// One node that can be asked and told.
pub trait Node: Driver + Executor {
    /// Which boot of the machine this is.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    fn boot(&self) -> Result<String, HostError>;

    /// How long ago that was.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    fn uptime(&self) -> Result<Uptime, HostError>;

    /// As what to ask it.
    fn as_driver(&self) -> &dyn Driver;
}
