//! PTL027 and PTL032: Services that are served otherwise than most.

use super::super::subject::Subject;
use super::{has_label, metadata, spec};
use crate::diag::{Code, Finding, Findings};
use crate::model::service::{LABEL_HEADLESS, LABEL_OTHER_PROXY};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for located in &subject.own.services {
        let service = &*located.value;
        let body = service.spec.as_ref();
        if has_label(service, LABEL_OTHER_PROXY) {
            findings.push(
                Finding::info(
                    Code::OtherProxy,
                    metadata(located.object, "labels", LABEL_OTHER_PROXY),
                    "another proxy serves this Service: nothing is programmed for it",
                )
                .help("remove the label if kube-proxy is to serve it"),
            );
        }
        let headless = body.and_then(|body| body.cluster_ip.as_deref()) == Some("None")
            || has_label(service, LABEL_HEADLESS);
        let published = body.and_then(|body| body.publish_not_ready_addresses);
        if published == Some(true) && !headless {
            findings.push(
                Finding::info(
                    Code::NotReadyPublished,
                    spec(located.object, "publishNotReadyAddresses"),
                    "pods get connections before they are ready: the Service is not headless",
                )
                .help("set it on a headless Service of its own, for DNS"),
            );
        }
    }
}
