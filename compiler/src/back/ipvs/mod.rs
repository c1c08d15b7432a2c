//! IPVS mode: virtual servers with their destinations, and with them the addresses, sets, rules and
//! settings that kube-proxy's IPVS mode keeps on a node.

pub mod netlink;
mod read;
mod scheduler;
mod state;
mod timeouts;
mod virtual_server;
mod write;

pub use scheduler::{Scheduler, UnknownScheduler};
pub use state::NodeState;
pub use timeouts::Timeouts;
pub use virtual_server::{Destination, Persistence, VirtualServer, VirtualServerKey};
