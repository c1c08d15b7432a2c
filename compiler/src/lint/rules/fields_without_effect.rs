//! PTL030: fields that do nothing on a Service for which nothing is programmed.

use k8s_openapi::api::core::v1::ServiceSpec;

use super::super::subject::Subject;
use super::spec;
use crate::diag::{Code, Finding, Findings};
use crate::model::service::Skipped;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let services = &subject.cluster.services;
    let mut skipped: Vec<_> = services
        .iter()
        .filter_map(|service| match service.skipped {
            Some(Skipped::Headless) => Some((service.object, "headless")),
            Some(Skipped::ExternalName) => Some((service.object, "ExternalName")),
            _ => None,
        })
        .collect();
    skipped.sort_unstable();
    for located in &subject.own.services {
        let Ok(at) = skipped.binary_search_by_key(&located.object, |(object, _)| *object) else {
            continue;
        };
        let Some(body) = &located.value.spec else {
            continue;
        };
        for field in without_effect(body) {
            findings.push(
                Finding::info(
                    Code::NoEffect,
                    spec(located.object, field),
                    format!(
                        "{} no effect on {} Services",
                        if field == "ports" {
                            "node ports have".to_owned()
                        } else {
                            format!("{field} has")
                        },
                        skipped[at].1
                    ),
                )
                .help("remove it, or give the Service a cluster IP"),
            );
        }
    }
}

fn without_effect(body: &ServiceSpec) -> Vec<&'static str> {
    let filled = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let local = |policy: &Option<String>| policy.as_deref() == Some("Local");
    let mut ports = body.ports.iter().flatten();
    let candidates = [
        ("externalIPs", filled(&body.external_ips)),
        (
            "loadBalancerSourceRanges",
            filled(&body.load_balancer_source_ranges),
        ),
        (
            "sessionAffinity",
            body.session_affinity.as_deref() == Some("ClientIP"),
        ),
        (
            "externalTrafficPolicy",
            local(&body.external_traffic_policy),
        ),
        (
            "internalTrafficPolicy",
            local(&body.internal_traffic_policy),
        ),
        (
            "ports",
            ports.any(|port| port.node_port.is_some_and(|port| port != 0)),
        ),
    ];
    let set = candidates.into_iter().filter(|(_, set)| *set);
    set.map(|(field, _)| field).collect()
}
