//! Frontends that only endpoints of the node may serve, and that have none there: what modes
//! iptables and nftables make of them alike. Mode ipvs falls back to other nodes' endpoints.

use crate::diag::{Code, Finding, Findings};
use crate::ir::{Frontend, FrontendKind, ServicePort};
use crate::mode::traffic::{Served, served};
use crate::model::Mode;
use crate::model::service::TrafficPolicy;

/// Reports the frontends of a port whose connections are dropped or refused for want of an endpoint
/// here.
pub(in crate::mode) fn local_policy(mode: Mode, port: &ServicePort, findings: &mut Findings) {
    for frontend in &port.frontends {
        one(mode, port, frontend, findings);
    }
}

fn one(mode: Mode, port: &ServicePort, frontend: &Frontend, findings: &mut Findings) {
    let served = served(port, frontend.policy);
    if frontend.policy != TrafficPolicy::Local || served == Served::ByEndpoints {
        return;
    }
    let mode = mode.as_str();
    let (code, message, help) = match (&frontend.kind, served) {
        (FrontendKind::ClusterIp(_), Served::NotHere) => (
            Code::InternalPolicyDrops,
            format!(
                "{} has internalTrafficPolicy Local and no usable {} endpoint on the node: mode {mode} drops connections",
                port.key, port.key.family
            ),
            "run an endpoint on every node that needs it",
        ),
        // Nothing else reports what only this policy looks for.
        (FrontendKind::ClusterIp(_), _) if port.frontends.len() == 1 => (
            Code::InternalPolicyDrops,
            format!(
                "{} has internalTrafficPolicy Local and no usable {} endpoint on any node: connections are refused",
                port.key, port.key.family
            ),
            "check the Service's selector and the readiness of its pods",
        ),
        (FrontendKind::ClusterIp(_), _) => return,
        (_, Served::NotHere) => (
            Code::LocalFallback,
            format!(
                "{} has externalTrafficPolicy Local and no endpoint on the node: mode {mode} drops what comes from outside, and sends the node itself and its pods to other nodes' endpoints",
                port.key
            ),
            "keep traffic from nodes without an endpoint",
        ),
        // Reported already: there is no endpoint at all.
        (_, _) => return,
    };
    findings.push(Finding::warning(code, port.origin, message).help(help));
}
