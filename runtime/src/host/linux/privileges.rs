//! What this process may do, from /proc/self.

use super::proc;
use crate::host::{Held, HostError, Privileges, UserNamespace};

/// Bits of capabilities (`linux/capability.h`).
const NET_ADMIN: u32 = 12;
const NET_RAW: u32 = 13;

pub(super) fn read() -> Result<Privileges, HostError> {
    let effective = effective(&proc("/proc/thread-self/status")?);
    let held = |bit: u32| match effective >> bit & 1 {
        0 => Held::No,
        _ => Held::Yes,
    };
    Ok(Privileges {
        net_admin: held(NET_ADMIN),
        net_raw: held(NET_RAW),
        user_namespace: namespace(&proc("/proc/thread-self/uid_map")?),
    })
}

/// `CapEff: 000001ffffffffff`; none where there is no such line.
fn effective(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
        .unwrap_or_default()
}

/// The machine's own maps every user to itself.
fn namespace(uid_map: &str) -> UserNamespace {
    if uid_map
        .split_ascii_whitespace()
        .eq(["0", "0", "4294967295"])
    {
        UserNamespace::Initial
    } else {
        UserNamespace::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_and_user_namespaces_are_read_from_proc() {
        let status = "CapPrm:\t0000000000000000\nCapEff:\t0000000000001000\nCapBnd:\tff\n";
        assert_eq!(effective(status), 1 << NET_ADMIN);
        assert_eq!(effective(""), 0);
        let initial = "         0          0 4294967295";
        assert_eq!(namespace(initial), UserNamespace::Initial);
        assert_eq!(namespace("0 1000 1"), UserNamespace::Other);
        assert_eq!(namespace(""), UserNamespace::Other);
    }
}
