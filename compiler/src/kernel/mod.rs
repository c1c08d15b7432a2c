//! What the kernel of a node can hold, a module for each subsystem: typed data, with the writers and
//! readers of the text and the netlink messages that stand for it. Later stages compare values and
//! never strings.
//!
//! Nothing here knows of Services; which objects a proxy mode keeps is [`crate::mode`]'s.

pub mod dummy;
pub mod ipset;
pub mod iptables;
pub mod ipvs;
pub mod lines;
mod listener;
pub mod modules;
pub mod nftables;
mod part;
pub mod safe_name;
pub mod sysctl;
pub mod text;

pub use listener::Listener;
pub use part::Part;
