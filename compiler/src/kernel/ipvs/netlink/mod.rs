//! The `IPVS` generic-netlink family (`include/uapi/linux/ip_vs.h`, version 1), the artefact
//! `ipvs.nl`, and what a live driver needs besides a socket.
//!
//! The family stands on its own feet: [`IpvsMessage`] with its attribute spaces, one file each, on
//! `netlink-packet-core` and `netlink-packet-generic`. [`Operation`] is what portolan does with it,
//! in its own types. Requests carry the attributes that `ipvsadm` sends, in its order: whatever
//! else reads them meets nothing new.

mod artefact;
#[macro_use]
mod attribute;
mod byte_order;
mod command;
mod counted;
mod dest;
mod info;
mod message;
mod operation;
mod render;
mod reply;
mod request;
mod saved;
mod service;
mod stats;
mod template;
mod top;

pub use artefact::{DecodeError, Numbered, decode, encode, encode_operations, messages};
pub use attribute::{NetU16, Netmask};
pub use command::IpvsCmd;
pub use counted::counted;
pub use dest::DestAttr;
pub use info::InfoAttr;
pub use message::{IpvsAttrs, IpvsMessage};
pub use operation::{Operation, OperationError, virtual_servers};
pub use reply::{
    NotOurs, Reply, all_connections, connections, destination, observed, timeouts, virtual_server,
};
pub use request::{destination_attrs, key_attrs, service_attrs};
pub use service::{ServiceAttr, ServiceFlags};
pub use stats::{Stats64Attr, StatsAttr};
pub use top::IpvsAttr;

use crate::kernel::ipvs::{Scheduler, SchedulerFlag};

/// `IP_VS_SVC_F_PERSISTENT`: a client keeps its destination.
const PERSISTENT: u32 = 0x1;
/// `IP_VS_SVC_F_HASHED`: set by the kernel in all replies.
const HASHED: u32 = 0x2;
/// `IP_VS_SVC_F_SCHED_SH_PORT`, which `mh` uses too (`IP_VS_SVC_F_SCHED_MH_PORT`): the source port
/// is hashed with the address.
const SCHED_PORT: u32 = 0x10;

/// The bit of a scheduler's own flag.
fn scheduler_bits(scheduler: Scheduler) -> u32 {
    match scheduler.flag() {
        Some(SchedulerFlag::MhPort) => SCHED_PORT,
        None => 0,
    }
}
/// `IP_VS_CONN_F_MASQ`: the forwarding method of masquerading.
const MASQ: u32 = 0;
/// `IP_VS_CONN_F_FWD_MASK`: the bits of the forwarding method.
const FORWARD_MASK: u32 = 0x7;
/// `AF_INET` on Linux.
const AF_INET: u16 = 2;
/// `AF_INET6` on Linux.
const AF_INET6: u16 = 10;

#[cfg(test)]
mod captured;
