//! Whether there is IPv6 in the network namespace of the calling thread.

use std::io::ErrorKind;
use std::path::Path;

use portolan_compiler::observed::{Ipv6, WithoutIpv6};

use crate::host::HostError;

const SETTINGS: &str = "/proc/sys/net/ipv6";
const SWITCH: &str = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
/// All addresses of IPv6, a line each.
const ADDRESSES: &str = "/proc/thread-self/net/if_inet6";

/// Whether the kernel was built and started with it.
pub(super) fn is_known() -> bool {
    Path::new(SETTINGS).exists()
}

pub(super) fn read() -> Result<Ipv6, HostError> {
    if !is_known() {
        return Ok(Ipv6::Without(WithoutIpv6::Kernel));
    }
    // An interface may have it switched on again for itself.
    let off = text(SWITCH)? == "1" && text(ADDRESSES)?.is_empty();
    Ok(if off {
        Ipv6::Without(WithoutIpv6::Setting)
    } else {
        Ipv6::Known
    })
}

/// Empty where there is no such file.
fn text(path: &str) -> Result<String, HostError> {
    match super::proc(path) {
        Err(HostError::Proc { source, .. }) if source.kind() == ErrorKind::NotFound => {
            Ok(String::new())
        }
        text => text,
    }
}
