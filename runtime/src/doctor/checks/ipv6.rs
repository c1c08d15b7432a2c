//! A node that knows no IPv6.

use portolan_compiler::observed::Ipv6;

use crate::doctor::{Finding, FindingId, Readings};

pub(super) fn check(readings: &Readings) -> Vec<Finding> {
    let Ipv6::Without(why) = readings.ipv6 else {
        return Vec::new();
    };
    vec![Finding::new(
        FindingId::NoIpv6,
        format!(
            "this machine has no IPv6 ({why}): IPv4 is served whole, and what Services have of IPv6 is not"
        ),
        ["where Services are to be reached by IPv6 here, switch it on and apply again"],
    )]
}
