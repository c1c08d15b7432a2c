//! Mode iptables: the chains and rules that kube-proxy's iptables mode keeps on a node, and the
//! settings they rely on. What rules are made of is in [`crate::kernel::iptables`].

mod lower;
mod options;
mod review;
mod served;
mod written;

pub(crate) use lower::{Scope, scope, serves_loopback};
pub use lower::{frames, is_hash, is_hashed, lower};
pub use options::Options;
pub use review::review;
pub use served::{entrances, found, listener, served};
pub(super) use written::written;
