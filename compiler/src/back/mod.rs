//! From the IR to what one subsystem of the kernel holds, and from there to text and netlink.
//!
//! A back end's state is typed data; writers and decoders are pairs around it, so that later stages
//! compare values and never strings.

pub mod ipset;
pub mod iptables;
pub mod iptables_mode;
pub mod ipvs;
pub mod lines;
mod masquerade;
pub mod nftables;
mod review;
pub mod sysctl;
pub mod text;
mod traffic;

pub use review::review;
