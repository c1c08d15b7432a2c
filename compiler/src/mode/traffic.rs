//! Whether a frontend's traffic finds endpoints.

use crate::ir::{FrontendKind, LocalPolicy, ServicePort};
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
    let usable = |state| matches!(state, EndpointState::Ready | EndpointState::Draining);
    !port.pools.cluster.is_empty()
        || match port.pools.local_policy {
            LocalPolicy::Used => port.endpoints.iter().any(|one| usable(one.state)),
            LocalPolicy::Unused => false,
        }
}

/// The policy of the frontends that outsiders use; `None` where there are none.
pub(super) fn external_policy(port: &ServicePort) -> Option<TrafficPolicy> {
    let external = port
        .frontends
        .iter()
        .find(|frontend| !matches!(frontend.kind, FrontendKind::ClusterIp(_)))?;
    Some(external.policy)
}
