//! Ranges that cluster IPs come from.

use ipnet::IpNet;

use super::check::{Check, spec};
use crate::diag::Findings;
use crate::front::{Located, ServiceCidrManifest};

/// The ranges of a `ServiceCIDR`, host bits cleared.
pub(super) fn service_ranges(
    Located { object, value }: Located<ServiceCidrManifest>,
) -> (Option<Vec<IpNet>>, Findings) {
    let mut check = Check::new(object);
    let mut ranges = Vec::new();
    for (at, text) in value.cidrs.into_iter().enumerate() {
        let place = check.at(spec("cidrs").index(at));
        ranges.extend(check.range("range of cluster IPs", &text, place));
    }
    (Some(ranges), check.findings)
}
