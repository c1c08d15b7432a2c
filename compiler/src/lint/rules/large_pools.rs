//! PTL026, the part about chains, and PTL042: Services with very many endpoints.

use super::proxy_mode::to_nftables;
use crate::diag::{Code, Finding, Findings};
use crate::lint::RuleId;
use crate::lint::subject::Subject;
use crate::mode;
use crate::model::Mode;

/// From how many endpoints on a change rewrites too many rules to review.
const REVIEWABLE: usize = 10;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let mut largest: Option<(usize, String)> = None;
    for port in subject.gathered.ports() {
        let count = port.count();
        let (_, service_port) = port.service(subject.cluster);
        let limit = subject.settings.endpoints_per_port;
        if count > limit {
            findings.push(
                Finding::error(
                    Code::Capacity,
                    service_port.origin,
                    format!(
                        "{} has {count} {} endpoints, more than {limit}",
                        port.key(),
                        port.key().family
                    ),
                )
                .help("split the Service, or raise endpointsPerPort of LintConfig"),
            );
        }
        if largest.as_ref().is_none_or(|(most, _)| count > *most) {
            largest = Some((count, port.key().to_string()));
        }
    }
    local_endpoints(subject, findings);
    let (Some(object), Some((count, key))) = (subject.configuration_object(), largest) else {
        return;
    };
    if subject.cluster.config.mode == Mode::Iptables && count >= REVIEWABLE {
        findings.push(
            Finding::warning(
                Code::LargePool,
                super::root(object, "mode"),
                format!("mode iptables rewrites up to {count} rules when {key} gains or loses one endpoint"),
            )
            .help(to_nftables(
                "consider mode nftables, where one line changes",
                subject,
            )),
        );
    }
}

/// Of each node the endpoints on it, which mode ipvs keeps in one set per family.
fn local_endpoints(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.cluster.config.mode != Mode::Ipvs {
        return;
    }
    let mut all: Vec<_> = subject
        .gathered
        .ports()
        .flat_map(|port| {
            let (family, protocol) = (port.key().family, port.key().protocol);
            port.on_nodes(subject.cluster)
                .map(move |(node, socket)| (family, node, socket, protocol))
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    for same in all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (family, node, ..) = same[0];
        let mut found = Findings::default();
        mode::ipvs::review_local_endpoints(family, same.len(), &mut found);
        for mut finding in found {
            let name = subject.cluster.places.node_name(node);
            finding.severity = RuleId::Ptl026.entry().severity;
            finding.message = format!("{} (on {name})", finding.message);
            findings.push(finding);
        }
    }
}
