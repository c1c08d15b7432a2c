//! PTL033: Endpoints of the older API.

use std::collections::BTreeSet;

use super::super::subject::Subject;
use super::{annotation, metadata};
use crate::diag::{Code, Finding, Findings};
use crate::source::{ObjectId, ObjectKind};

const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    // Those that slices were made of, for want of any.
    let mirrored: BTreeSet<ObjectId> = subject
        .cluster
        .slices
        .iter()
        .map(|slice| slice.object)
        .filter(|object| subject.objects.name(*object).kind == ObjectKind::Endpoints)
        .collect();
    for located in &subject.own.endpoints {
        let truncated = annotation(&located.value.metadata, OVER_CAPACITY) == Some("truncated");
        if truncated {
            findings.push(
                Finding::warning(
                    Code::LegacyEndpoints,
                    metadata(located.object, "annotations", OVER_CAPACITY),
                    "these Endpoints are cut at 1000 addresses: some backends are missing",
                )
                .help("pass the Service's EndpointSlices, which are not cut"),
            );
        } else if mirrored.contains(&located.object) {
            findings.push(
                Finding::warning(
                    Code::LegacyEndpoints,
                    located.object,
                    "the Service has Endpoints and no EndpointSlice: zones and conditions are lost",
                )
                .help("pass the Service's EndpointSlices"),
            );
        }
    }
}
