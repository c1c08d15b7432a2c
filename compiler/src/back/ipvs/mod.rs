//! IPVS mode: virtual servers with their destinations, and with them the addresses, sets, rules and
//! settings that kube-proxy's IPVS mode keeps on a node.

mod addresses;
mod counters;
mod listing;
mod lower;
mod modules;
pub mod netlink;
mod observed;
mod options;
mod read;
mod review;
pub mod sets;
mod timeouts;
mod virtual_server;
mod write;

pub use crate::model::{NotTimeouts, Scheduler, Timeouts, UnknownScheduler};
pub use addresses::{AddressesProblem, INTERFACE, read_addresses, write_addresses};
pub use counters::{Counted, Counters};
pub use listing::is_listing;
pub use lower::{frames, lower};
pub use modules::{MODULES, all_modules};
pub use observed::{Foreign, Observed};
pub use options::Options;
pub use read::{Problem, ReadError, read};
pub use review::{review, review_local_endpoints};
pub use timeouts::write_timeouts;
pub use virtual_server::{
    Connections, Destination, DestinationKey, Persistence, VirtualServer, VirtualServerKey,
};
pub use write::write;
