//! What a node can be asked: small drivers, one per subsystem of its kernel.
//!
//! [`machine`] gives the [`Driver`] of this machine, [`node`] one that is an [`Executor`] as well. [`observe`] reads with it what [`Observed`] holds,
//! twice and until two readings agree; [`crate::doctor`] asks the rest. Looking changes nothing on
//! the node, as far as the kernel lets us: modules that are not loaded stay that way.
//!
//! [`Observed`]: portolan_compiler::observed::Observed

pub mod capture;
mod driver;
mod error;
mod executor;
#[cfg(test)]
pub(crate) mod fake;
mod folder;
#[cfg(target_os = "linux")]
mod linux;
mod modules;
mod observe;
mod privileges;
mod proxies;
mod sets_mark;
mod signal;
mod tools;
#[cfg(any(test, not(target_os = "linux")))]
#[cfg_attr(
    target_os = "linux",
    expect(unreachable_pub, reason = "on Linux it is only tested")
)]
mod unsupported;

use portolan_compiler::bundle::Digest;
use portolan_compiler::front::facts::{Interface, Iptables, Nft};
use portolan_compiler::kernel::ipvs::Connections;
use portolan_compiler::mode::services::ServiceList;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::Inventory;

pub use driver::{Detail, Driver, IpvsReading};
pub use error::HostError;
pub use executor::{Executor, Node};
pub use folder::{Capture, FolderError, Remark, read_capture, write_capture};
#[cfg(target_os = "linux")]
pub use linux::{
    Terminal, boot, detach, drop_capabilities, facts, identity, inherited, ipvs::Ipvs, lock_holder,
    machine, node, run_to_end, uptime,
};
pub use modules::{Installed, ModuleState, Modules};
pub use observe::{Observation, observe, read_once};
pub use portolan_compiler::observed::OtherRules;
pub use privileges::{Held, Privileges, UserNamespace};
pub use proxies::RunningProxy;
pub use sets_mark::SetsMark;
pub use signal::{Heed, Interrupts, Never, Signal, Signals};
pub use tools::{NftTable, Tools, populated};
#[cfg(not(target_os = "linux"))]
pub use unsupported::{
    Terminal, boot, detach, drop_capabilities, facts, identity, inherited, lock_holder, machine,
    node, run_to_end, uptime,
};

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
    /// nft, where it is there.
    pub nft: Option<Nft>,
}

/// Whether programs that are started hold a file open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inheritance {
    /// They hold it open as long as they run.
    Passed,
    /// They do not.
    Kept,
}

/// What a node holds, and what of it is portolan's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    /// What it holds.
    pub observed: Observed,
    /// What an earlier apply recorded.
    pub inventory: Inventory,
    /// What Services had when that was applied, where it was recorded.
    pub services: Option<ServiceList>,
    /// Connections that its destinations carry; a capture does not tell.
    pub connections: Connections,
    /// Which machine, which boot of it and which network namespace; a capture does not tell.
    pub machine: Option<Digest>,
}

/// Asks this machine what it holds; what of it is ours is told by whoever keeps the records.
///
/// # Errors
/// Where a part of it cannot be read, or it keeps changing.
pub fn services(inventory: Inventory) -> Result<Holds, HostError> {
    let seen = observe(machine()?.as_ref())?;
    Ok(Holds {
        observed: seen.observed,
        inventory,
        services: None,
        connections: seen.connections,
        machine: Some(identity()?),
    })
}
