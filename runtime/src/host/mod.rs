//! What a node can be asked: small drivers, one per subsystem of its kernel.

pub mod capture;
mod error;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod unsupported;

use portolan_compiler::front::facts::{Interface, Iptables};
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::Inventory;

pub use error::HostError;
#[cfg(target_os = "linux")]
pub use linux::observe;
#[cfg(not(target_os = "linux"))]
pub use unsupported::observe;

/// What this machine says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its host name, in lower case as the kubelet takes it.
    pub name: String,
    /// Interfaces with their addresses, sorted; neither lo nor kube-ipvs0.
    pub interfaces: Vec<Interface>,
    /// The numeric part of the kernel's release.
    pub kernel: Option<String>,
    /// The iptables programs, where there are any.
    pub iptables: Option<Iptables>,
}

/// What a node holds, and what of it is portolan's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    /// What it holds.
    pub observed: Observed,
    /// What an earlier apply recorded.
    pub inventory: Inventory,
}

/// Asks this machine what it holds.
///
/// # Errors
/// Always, so far: only captures can be read.
pub fn services() -> Result<Holds, HostError> {
    Err(HostError::OnlyCaptures)
}
