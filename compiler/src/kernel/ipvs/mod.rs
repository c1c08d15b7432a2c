//! Virtual servers with their destinations: the text that `ipvsadm` takes and prints, and the netlink
//! messages behind it.

mod counters;
mod listing;
pub mod netlink;
mod observed;
mod read;
mod timeouts;
mod virtual_server;
mod write;

pub use crate::model::{NotTimeouts, Scheduler, SchedulerFlag, Timeouts};
pub use counters::{Counted, Counters};
pub use listing::is_listing;
pub use observed::{Foreign, Observed};
pub use read::{Problem, ReadError, read};
pub use timeouts::write_timeouts;
pub use virtual_server::{Connections, Destination, DestinationKey, Persistence, VirtualServer};
pub use write::write;
