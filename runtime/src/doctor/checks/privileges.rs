//! Capabilities and user namespaces.

use portolan_compiler::front::facts::IptablesVariant;

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
    let legacy = readings.tools.variant() == Some(IptablesVariant::Legacy);
    if privileges.net_raw == Held::No && legacy {
        found.push(Finding::new(
            FindingId::NoNetRaw,
            "this process does not have the capability CAP_NET_RAW, which the legacy variant of \
             iptables needs beside CAP_NET_ADMIN",
            ["give it the capability, or switch the node to the nft variant of iptables"],
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
