//! Capabilities and user namespaces.

use crate::doctor::{Finding, FindingId, Readings};
use crate::host::{Held, UserNamespace};

pub(super) fn check(readings: &Readings) -> Vec<Finding> {
    let privileges = readings.privileges;
    let mut found = Vec::new();
    if privileges.net_admin == Held::No {
        found.push(Finding::new(
            FindingId::NoNetAdmin,
            "this process does not have the capability CAP_NET_ADMIN: rules, sets, virtual servers \
             and tables were not looked at",
            ["run it as root, or give it the capability"],
        ));
    }
    if privileges.net_raw == Held::No {
        found.push(Finding::new(
            FindingId::NoNetRaw,
            "this process does not have the capability CAP_NET_RAW, through which iptables asks for \
             the sets that rules match, and its legacy variant for everything",
            ["give it the capability beside CAP_NET_ADMIN"],
        ));
    }
    if privileges.user_namespace == UserNamespace::Other {
        found.push(Finding::new(
            FindingId::InUserNamespace,
            "this process runs in a user namespace; IPVS asks for CAP_NET_ADMIN in the machine's \
             own, for reading too",
            ["run it on the node itself, or in a container without users of its own"],
        ));
    }
    found
}
