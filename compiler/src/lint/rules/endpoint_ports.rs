//! PTL037: slices that name no port.

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings};
use crate::front::SliceManifest;
use crate::model::service::LABEL_HEADLESS;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for located in &subject.own.slices {
        let SliceManifest {
            ports,
            endpoints,
            labels,
            ..
        } = &*located.value;
        if ports.is_empty() && !endpoints.is_empty() && !labels.contains_key(LABEL_HEADLESS) {
            findings.push(
                Finding::error(
                    Code::EndpointPort,
                    super::root(located.object, "ports"),
                    "the slice has endpoints and no port: no rule can express \"every port\"",
                )
                .help("list the ports that the Service has"),
            );
        }
    }
}
