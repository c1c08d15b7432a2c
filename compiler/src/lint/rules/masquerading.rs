//! PTL034, the part about settings: masquerading that hides senders, and marks that others use.

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::Mode;
use crate::model::config::MasqueradeAll;
use crate::source::FieldPath;

/// kubelet's `KUBE-MARK-DROP` up to Kubernetes 1.27.
const KUBELET_DROP: u32 = 1 << 15;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(object) = subject.configuration_object() else {
        return;
    };
    let config = &subject.cluster.config;
    let section = match config.mode {
        Mode::Nftables => "nftables",
        Mode::Ipvs | Mode::Iptables => "iptables",
    };
    let place = |key: &'static str| Place::Field(object, FieldPath::root().key(section).key(key));
    if config.masquerade_all == MasqueradeAll::Yes {
        findings.push(
            Finding::warning(
                Code::Masquerading,
                place("masqueradeAll"),
                "masqueradeAll hides every sender: pods and network policies see the node's address",
            )
            .help("set clusterCIDR or another detectLocalMode, and masqueradeAll to false"),
        );
    }
    let mark = 1u32 << config.masquerade_bit;
    let other = if mark == KUBELET_DROP {
        Some("kubelet before 1.28 drops what has that mark".to_owned())
    } else {
        let mut foreign = subject.settings.foreign_marks.iter();
        foreign
            .find(|mask| **mask & mark != 0)
            .map(|mask| format!("another program uses the marks {mask:#010x}"))
    };
    if let Some(other) = other {
        findings.push(
            Finding::warning(
                Code::Masquerading,
                place("masqueradeBit"),
                format!("masqueradeBit {} is taken: {other}", config.masquerade_bit),
            )
            .help("use another bit; 14 is kube-proxy's default"),
        );
    }
}
