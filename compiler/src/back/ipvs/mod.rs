//! IPVS mode: virtual servers with their destinations, and with them the addresses, sets, rules and
//! settings that kube-proxy's IPVS mode keeps on a node.

mod addresses;
mod modules;
pub mod netlink;
mod observed;
mod read;
mod scheduler;
mod state;
mod timeouts;
mod virtual_server;
mod write;

pub use addresses::{AddressesProblem, INTERFACE, read_addresses, write_addresses};
pub use modules::write_modules;
pub use observed::{Foreign, Observed};
pub use read::{Problem, ReadError, read};
pub use scheduler::{Scheduler, UnknownScheduler};
pub use state::NodeState;
pub use timeouts::{NotTimeouts, Timeouts, write_timeouts};
pub use virtual_server::{Destination, Persistence, VirtualServer, VirtualServerKey};
pub use write::write;
