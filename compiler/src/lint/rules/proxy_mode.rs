//! PTL036 and PTL039: what the chosen mode of kube-proxy entails.

use super::root;
use crate::diag::{Code, Finding, Findings, Place};
use crate::lint::subject::Subject;
use crate::mode;
use crate::model::config::{ModeSource, StrictArp};
use crate::model::profile::{ExternalIps, ModeIpvs, UnsetMode};
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

/// PTL036: modes that a later release of Kubernetes does not have, or does not take.
pub(super) fn on_their_way_out(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(object) = subject.configuration_object() else {
        return;
    };
    let config = &subject.cluster.config;
    let (message, help) = match (config.mode_source, config.mode) {
        // A mode of the command line may not be the nodes' own.
        (ModeSource::Configuration, Mode::Ipvs)
            if subject.profile.mode_ipvs != ModeIpvs::Supported =>
        {
            (
                "mode ipvs of kube-proxy is deprecated since Kubernetes 1.35, off by default from 1.40 on, and gone in 1.43",
                to_nftables(
                    "plan the change to mode nftables; `portolan diff --mode ipvs --mode nftables` says what it changes",
                    subject,
                ),
            )
        }
        (ModeSource::Unset, _) if subject.profile.unset_mode == UnsetMode::IptablesForNow => (
            "no mode is set: that means mode iptables up to Kubernetes 1.39, and mode nftables from 1.40 on",
            "write the mode that the nodes run in".to_owned(),
        ),
        _ => return,
    };
    findings.push(Finding::warning(Code::ModeDeprecated, root(object, "mode"), message).help(help));
}

/// PTL039: settings of mode ipvs that contradict each other, or the node's kernel.
pub(super) fn settings(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(object) = subject.configuration_object() else {
        return;
    };
    let config = &subject.cluster.config;
    if config.mode != Mode::Ipvs {
        return;
    }
    reused_connections(subject, findings);
    let mut services = subject.cluster.services.iter();
    let bound = services.find_map(|service| {
        let external = match subject.profile.external_ips {
            ExternalIps::Served | ExternalIps::Deprecated => &service.external_ips[..],
            ExternalIps::Ignored => &[],
        };
        service.load_balancer_ips.iter().chain(external).next()
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
    let old = facts.find_map(|facts| Some((&facts.name, *mode::nftables::lacking(facts).first()?)));
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
