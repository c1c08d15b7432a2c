//! PTL044 to PTL047: selectors and target ports that do not fit the Pods there are, or will be.

mod candidates;

use std::collections::BTreeSet;

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings, Place, some};
use crate::english::count;
use crate::model::selector::{Selector, TargetPort};
use crate::model::service::{Service, ServicePort, ServiceType};
use crate::source::FieldPath;
use candidates::{Candidate, Candidates};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let candidates = Candidates::new(subject.cluster, subject.profile);
    let services = subject.cluster.services.iter();
    for service in services.filter(|one| one.service_type != ServiceType::ExternalName) {
        let Some(selector) = &service.selector else {
            continue;
        };
        let chosen = candidates.chosen(service);
        if chosen.is_empty() {
            nobody(subject, service, selector, &candidates, findings);
            continue;
        }
        several(service, selector, &chosen, findings);
        for (port, index) in service.ports.iter().zip(0..) {
            target_port(service, port, index, &chosen, findings);
        }
    }
}

fn selector_of(service: &Service) -> Place {
    super::spec(service.object, "selector")
}

/// PTL044. Where slices have endpoints all the same, not all Pods were passed.
fn nobody(
    subject: &Subject<'_>,
    service: &Service,
    selector: &Selector,
    candidates: &Candidates<'_>,
    findings: &mut Findings,
) {
    let cluster = subject.cluster;
    let slices = &cluster.slices[cluster.slices_of(&service.key)];
    if slices.iter().any(|slice| !slice.endpoints.is_empty()) {
        return;
    }
    let namespace = &service.key.namespace;
    let all = candidates.of_namespace(namespace);
    if all.is_empty() {
        return;
    }
    let help = match candidates::nearest(selector, all) {
        Some((labels, whose)) => format!("{whose} has {labels}"),
        None => "correct the selector, or the labels of the Pods it is for".to_owned(),
    };
    findings.push(
        Finding::warning(
            Code::SelectorOfNobody,
            selector_of(service),
            format!("no Pod and no Pod template in namespace {namespace} has {selector}"),
        )
        .help(help),
    );
}

/// Warns of a selector that takes the Pods of several workloads (PTL045).
fn several(
    service: &Service,
    selector: &Selector,
    chosen: &[&Candidate<'_>],
    findings: &mut Findings,
) {
    let workloads: BTreeSet<String> = chosen.iter().filter_map(|one| one.workload()).collect();
    if workloads.len() < 2 {
        return;
    }
    findings.push(
        Finding::warning(
            Code::SelectorOfSeveral,
            selector_of(service),
            format!(
                "{selector} takes the Pods of {}: {}",
                count(workloads.len(), "workload"),
                some(workloads.iter())
            ),
        )
        .help("add a label that only one of them has; accept the finding where both are meant, as with a canary"),
    );
}

/// PTL046 and PTL047.
fn target_port(
    service: &Service,
    port: &ServicePort,
    index: usize,
    chosen: &[&Candidate<'_>],
    findings: &mut Findings,
) {
    let path = FieldPath::root().key("spec").key("ports").index(index);
    let place = Place::Field(service.object, path.key("targetPort"));
    let protocol = port.protocol;
    match &port.target {
        TargetPort::Name(name) => {
            let has = |one: &&&Candidate<'_>| one.calls(name, protocol);
            let lacking = chosen.iter().filter(|one| !has(one));
            let lacking: BTreeSet<String> = lacking.map(ToString::to_string).collect();
            if lacking.is_empty() {
                return;
            }
            let names: BTreeSet<&str> = chosen.iter().flat_map(|one| one.names(protocol)).collect();
            let help = if names.is_empty() {
                format!("name a port of the containers {name:?}, or give its number")
            } else {
                format!("the {protocol} ports there are: {}", some(names.iter()))
            };
            findings.push(
                Finding::warning(
                    Code::TargetPortLacking,
                    place,
                    format!(
                        "no container of {} calls a {protocol} port {name:?}: connections there have no endpoint",
                        some(lacking.iter())
                    ),
                )
                .help(help),
            );
        }
        TargetPort::Number(number) => {
            let declared: BTreeSet<u16> = chosen
                .iter()
                .flat_map(|one| one.numbers(protocol))
                .collect();
            // Who declares nothing may listen anywhere.
            if declared.is_empty() || declared.contains(&number.get()) {
                return;
            }
            findings.push(
                Finding::info(
                    Code::TargetPortUndeclared,
                    place,
                    format!("none of its Pods declares {protocol} port {number}"),
                )
                .help(format!("they declare {}", some(declared.iter()))),
            );
        }
    }
}
