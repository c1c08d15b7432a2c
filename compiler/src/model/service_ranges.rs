//! Ranges that cluster IPs come from.

use ipnet::IpNet;
use k8s_openapi::api::networking::v1::ServiceCIDR;

use super::check::{Check, spec};
use crate::diag::Findings;
use crate::front::Located;

/// The ranges of a `ServiceCIDR`, host bits cleared.
pub(super) fn service_ranges(manifest: Located<ServiceCIDR>) -> (Option<Vec<IpNet>>, Findings) {
    let mut check = Check::new(manifest.object);
    let cidrs = manifest.value.spec.and_then(|spec| spec.cidrs);
    let mut ranges = Vec::new();
    for (at, text) in cidrs.unwrap_or_default().iter().enumerate() {
        let place = check.at(spec("cidrs").index(at));
        ranges.extend(check.net(text, place).map(|net| net.trunc()));
    }
    (Some(ranges), check.findings)
}
