//! PTL010, the part about nodes: endpoints at a node's address that no Pod of the host network can be
//! behind. Without Pods nobody can tell, and nothing is said.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings};
use crate::front::PodManifest;
use crate::source::ObjectId;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let pods: Vec<&PodManifest> = [subject.own, subject.base]
        .into_iter()
        .flat_map(|manifests| &manifests.pods)
        .map(|located| &*located.value)
        .collect();
    if pods.is_empty() {
        return;
    }
    let cluster = subject.cluster;
    let nodes = cluster.nodes_by_address();
    let written: BTreeMap<ObjectId, &Service> = [subject.own, subject.base]
        .into_iter()
        .flat_map(|manifests| &manifests.services)
        .map(|located| (located.object, &*located.value))
        .collect();
    for (slice, service) in cluster.slices_with_services() {
        // API servers publish themselves, wherever they run; no Pod need be behind them.
        if slice.service.is_api_server() {
            continue;
        }
        let service = service.and_then(|service| written.get(&service.object).copied());
        for endpoint in &slice.endpoints {
            let Some(node) = nodes.get(&endpoint.address) else {
                continue;
            };
            // None that is known says nothing.
            let mut behind = pods
                .iter()
                .filter(|pod| may_be_behind(pod, service, slice.service.namespace.as_str(), node))
                .peekable();
            let known = behind.peek().is_some();
            if known && !behind.any(|pod| pod.spec.host_network == Some(true)) {
                findings.push(
                    Finding::warning(
                        Code::EndpointLoop,
                        endpoint.origin,
                        format!(
                            "endpoint {} is an address of the node {node}, and none of the Pods behind it has hostNetwork",
                            endpoint.address
                        ),
                    )
                    .help("point it at a pod, or pass all Pods of the cluster"),
                );
            }
        }
    }
}

/// Whether a Pod may be the endpoint: one that the Service selects, or, where it selects none, any on
/// the node.
fn may_be_behind(
    pod: &PodManifest,
    service: Option<&Service>,
    namespace: &str,
    node: &str,
) -> bool {
    let runs_on = pod.spec.node_name.as_deref();
    let selector = service
        .and_then(|service| service.spec.as_ref()?.selector.as_ref())
        .filter(|selector| !selector.is_empty());
    match selector {
        Some(selector) => {
            let labels = pod.metadata.labels.as_ref();
            let has = |key, value| labels.is_some_and(|labels| labels.get(key) == Some(value));
            runs_on.is_none_or(|name| name == node)
                && pod.metadata.namespace.as_deref().unwrap_or("default") == namespace
                && selector.iter().all(|(key, value)| has(key, value))
        }
        None => runs_on == Some(node),
    }
}
