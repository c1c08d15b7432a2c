//! Writes the list.

use super::ServiceList;
use super::line::{FORMAT, Line};
use crate::kernel::text::Text;

/// Writes what Services have, a line about each thing.
pub fn write(list: &ServiceList, text: &mut Text) {
    text.line(&[], format_args!("{FORMAT}"));
    text.line(&[], format_args!("{}", Line::UdpFlows(list.udp_flows)));
    for net in &list.exclude {
        text.line(&[], format_args!("{}", Line::Exclude(*net)));
    }
    for ((listener, kind), frontend) in &list.frontends {
        let line = Line::Frontend(*listener, *kind, frontend.policy, frontend.port.clone());
        text.line(&frontend.origins, format_args!("{line}"));
    }
    for (listener, check) in &list.health_checks {
        let line = Line::HealthCheck(*listener, check.service.clone(), check.local_endpoints);
        text.line(&check.origins, format_args!("{line}"));
    }
    for ((port, endpoint), unchosen) in &list.unchosen {
        let line = Line::Endpoint(port.clone(), *endpoint, unchosen.why);
        text.line(&unchosen.origins, format_args!("{line}"));
    }
}
