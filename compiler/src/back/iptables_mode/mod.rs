//! Mode iptables: the chains and rules that kube-proxy's iptables mode keeps on a node, and the
//! settings they rely on. What rules are made of is in [`crate::back::iptables`].

mod artefacts;
mod lower;
mod modules;
mod options;
mod review;
mod state;

pub use artefacts::artefacts;
pub use lower::lower;
pub use options::Options;
pub use review::review;
pub use state::NodeState;
