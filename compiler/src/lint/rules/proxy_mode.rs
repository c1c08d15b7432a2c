//! PTL036 and PTL039: what the chosen mode of kube-proxy entails.

use super::super::subject::Subject;
use super::root;
use crate::back::nftables;
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::config::StrictArp;
use crate::model::profile::ModeIpvs;
use crate::model::{Mode, Release};
use crate::source::FieldPath;

/// Kernels for which kube-proxy sets `conn_reuse_mode` to 0: from the one that has it, up to the one
/// that reschedules without delaying connections (kubernetes#81775, `pkg/proxy/ipvs/proxier.go`).
const CONN_REUSE: std::ops::Range<Release> = release(4, 1)..release(5, 9);

const fn release(major: u16, minor: u16) -> Release {
    Release {
        major,
        minor,
        patch: 0,
    }
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(located) = subject.configuration() else {
        return;
    };
    let object = located.object;
    let config = &subject.cluster.config;
    if config.mode != Mode::Ipvs {
        return;
    }
    // The mode may be the command line's, and the nodes' another.
    let chosen = located.value.mode.as_deref() == Some(Mode::Ipvs.as_str());
    if chosen && subject.profile.mode_ipvs != ModeIpvs::Supported {
        findings.push(
            Finding::warning(
                Code::ModeDeprecated,
                root(object, "mode"),
                "mode ipvs of kube-proxy is deprecated since Kubernetes 1.35, and gone in 1.43",
            )
            .help(to_nftables("plan the change to mode nftables", subject)),
        );
    }
    reused_connections(subject, findings);
    let mut services = subject.cluster.services.iter();
    let bound = services.find_map(|service| {
        let mut ips = service
            .load_balancer_ips
            .iter()
            .chain(&service.external_ips);
        ips.next()
    });
    if let (StrictArp::No, Some(ip)) = (config.strict_arp, bound) {
        let path = FieldPath::root().key("ipvs").key("strictARP");
        findings.push(
            Finding::warning(
                Code::StrictArp,
                Place::Field(object, path),
                "without strictARP every node answers ARP for load balancer and external addresses",
            )
            .help("set ipvs.strictARP to true")
            .also(ip.origin, "such as this one"),
        );
    }
}

/// Advice to change to mode nftables, as far as the nodes have what it takes.
pub(super) fn to_nftables(advice: &str, subject: &Subject<'_>) -> String {
    let mut facts = subject.cluster.facts.iter();
    let old = facts.find_map(|facts| Some((&facts.name, *nftables::lacking(facts).first()?)));
    match old {
        None => advice.to_owned(),
        Some((node, lacking)) => format!(
            "renew the nodes before a change to another mode is planned: node {node} has {lacking}"
        ),
    }
}

fn reused_connections(subject: &Subject<'_>, findings: &mut Findings) {
    for facts in &subject.cluster.facts {
        let old = facts.kernel.filter(|kernel| CONN_REUSE.contains(kernel));
        if let Some(Release { major, minor, .. }) = old {
            findings.push(
                Finding::warning(
                    Code::ConnReuse,
                    root(facts.object, "kernel"),
                    format!(
                        "kernel {major}.{minor} needs conn_reuse_mode 0: clients that use a port again go on to an endpoint that drains or is gone"
                    ),
                )
                .help("run kernel 5.9 or newer in mode ipvs"),
            );
        }
    }
}
