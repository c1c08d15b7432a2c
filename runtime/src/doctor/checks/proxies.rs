//! Other software that programs Services right now.

use crate::doctor::{Finding, FindingId, Readings};

pub(super) fn check(readings: &Readings) -> Vec<Finding> {
    if readings.proxies.is_empty() {
        return Vec::new();
    }
    let signs: Vec<String> = readings.proxies.iter().map(ToString::to_string).collect();
    vec![Finding::new(
        FindingId::KubeProxyRunning,
        format!("a kube-proxy runs on this node: {}", signs.join("; ")),
        [
            "stop it before you apply anything, or it will undo it: take the node out of the \
             DaemonSet kube-proxy, or stop its service",
            "do not run kube-proxy --cleanup before the take-over: what is there keeps serving",
        ],
    )]
}
