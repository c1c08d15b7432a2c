//! The dummy interface that holds the virtual servers' addresses, as `ip -batch` takes it.

use std::net::IpAddr;

use crate::back::text::Text;
use crate::model::IpFamily;
use crate::source::Origin;

/// The interface; kube-proxy's name for it (`DefaultDummyDevice`).
pub const INTERFACE: &str = "kube-ipvs0";

/// Writes the interface and its addresses, each alone in its network, in the given order.
///
/// The link stays down: its addresses are local all the same, and taking a link up and down again
/// would lose the IPv6 ones.
pub fn write_addresses(addresses: &[(IpAddr, Vec<Origin>)], text: &mut Text) {
    text.line(&[], format_args!("link add {INTERFACE} type dummy"));
    for (address, origins) in addresses {
        let prefix = IpFamily::of(*address).host_prefix();
        text.line(
            origins,
            format_args!("address add {address}/{prefix} dev {INTERFACE}"),
        );
    }
}
