//! From the IR to what a proxy mode keeps on a node, in the kernel's own terms ([`crate::kernel`]), and
//! the artefacts that say it.

mod artefacts;
mod from_artefacts;
pub mod iptables;
pub mod ipvs;
mod kube_chain;
pub mod kube_proxy;
mod local_traffic;
mod masquerade;
pub mod modules;
pub mod nftables;
mod node_addresses;
mod review;
mod served;
pub mod services;
mod state;
mod traffic;
mod written;

pub use artefacts::artefacts;
pub use from_artefacts::{ArtefactError, ArtefactProblem};
pub use kube_chain::HashedChain;
pub use review::review;
pub use served::{Answer, ListenerKind, Served};
pub use state::{IptablesState, IpvsState, NodeState, ProxyState};
pub use written::NotWritten;
