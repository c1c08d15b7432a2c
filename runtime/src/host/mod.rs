//! What a node can be asked: small drivers, one per subsystem of its kernel.

mod error;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod unsupported;

use portolan_compiler::front::facts::{Interface, Iptables};

pub use error::HostError;
#[cfg(target_os = "linux")]
pub use linux::ipvs::Ipvs;
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
