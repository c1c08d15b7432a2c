//! IPVS mode: virtual servers with their destinations, and with them the addresses, sets, rules and
//! settings that kube-proxy's IPVS mode keeps on a node.

mod lower;
pub mod netlink;
mod options;
mod read;
pub mod sets;
mod state;
mod virtual_server;
mod write;

pub use crate::model::{Scheduler, Timeouts, UnknownScheduler};
pub use lower::lower;
pub use options::Options;
pub use state::NodeState;
pub use virtual_server::{Destination, Persistence, VirtualServer, VirtualServerKey};
