//! Whether a frontend's traffic finds endpoints.

use crate::ir::{FrontendKind, ServicePort};
use crate::model::service::TrafficPolicy;
use crate::model::slice::EndpointState;

/// What becomes of the traffic of one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Served {
    /// It reaches endpoints.
    ByEndpoints,
    /// There are some, and none here, where the policy asks for them.
    NotHere,
    /// There is no usable endpoint at all.
    Nowhere,
}

/// What becomes of the traffic to a port under a policy (`CategorizeEndpoints`, and
/// `hasInternalEndpoints` and `hasExternalEndpoints` of its caller).
pub(super) fn served(port: &ServicePort, policy: TrafficPolicy) -> Served {
    if !has_endpoints(port) {
        Served::Nowhere
    } else if policy == TrafficPolicy::Local && port.pools.local.is_empty() {
        Served::NotHere
    } else {
        Served::ByEndpoints
    }
}

/// Whether there are usable endpoints, here or elsewhere. A port that only ever uses endpoints here
/// has no pool of others.
fn has_endpoints(port: &ServicePort) -> bool {
    // The cluster IP comes first, and all others have one policy.
    let uses_local = || {
        let ends = [port.frontends.first(), port.frontends.last()];
        let mut policies = ends.into_iter().flatten().map(|frontend| frontend.policy);
        policies.any(|policy| policy == TrafficPolicy::Local)
    };
    let usable = |state| matches!(state, EndpointState::Ready | EndpointState::Draining);
    !port.pools.cluster.is_empty()
        || uses_local() && port.endpoints.iter().any(|endpoint| usable(endpoint.state))
}

/// The policy of the frontends that outsiders use; `None` where there are none.
pub(super) fn external_policy(port: &ServicePort) -> Option<TrafficPolicy> {
    let external = port
        .frontends
        .iter()
        .find(|frontend| !matches!(frontend.kind, FrontendKind::ClusterIp(_)))?;
    Some(external.policy)
}
