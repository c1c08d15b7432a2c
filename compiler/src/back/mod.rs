//! From the IR to what one subsystem of the kernel holds, and from there to text and netlink.
//!
//! A back end's state is typed data; writers and decoders are pairs around it, so that later stages
//! compare values and never strings.

mod artefacts;
mod from_artefacts;
pub mod ipset;
pub mod iptables;
pub mod iptables_mode;
pub mod ipvs;
pub mod kube_proxy;
pub mod lines;
mod listener;
mod masquerade;
pub mod modules;
pub mod nftables;
mod review;
mod served;
pub mod services;
mod state;
pub mod sysctl;
pub mod text;
mod traffic;

pub use artefacts::artefacts;
pub use from_artefacts::{ArtefactError, ArtefactProblem};
pub use listener::Listener;
pub use review::review;
pub use served::{Answer, ListenerKind, Served};
pub use state::NodeState;
