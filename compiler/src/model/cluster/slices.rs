//! Endpoint slices: those of the input, what the base adds, and whose they are.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as core;
use rayon::prelude::*;

use super::{PortNames, collect, endpoints_key, slice_key, unique};
use crate::diag::{Code, Finding, Findings};
use crate::front::{Located, SliceManifest};
use crate::model::name::PortName;
use crate::model::places::Places;
use crate::model::service::{Service, ServiceKey};
use crate::model::slice::Slice;
use crate::model::{mirror, slice};
use crate::source::ObjectId;

/// Slices and mirrored Endpoints: the latter count where a Service has no slice.
pub(super) fn all_slices(
    slices: Vec<Located<SliceManifest>>,
    endpoints: Vec<Located<core::Endpoints>>,
    places: &Places,
    findings: &mut Findings,
) -> Vec<Slice> {
    let slices = unique(slices, slice_key, findings);
    let endpoints = unique(endpoints, endpoints_key, findings);
    let mut slices = collect(slices, |manifest| slice::slice(manifest, places), findings);
    sort_slices(&mut slices);
    let mirrored = collect(
        endpoints,
        |manifest| {
            let (slices, findings) = mirror::slices(manifest, places);
            (Some(slices), findings)
        },
        findings,
    );
    let added: Vec<Slice> = mirrored
        .into_iter()
        .flatten()
        .filter(|mirrored| !has_slice(&slices, &mirrored.service))
        .collect();
    if !added.is_empty() {
        slices.extend(added);
        sort_slices(&mut slices);
    }
    slices
}

pub(super) fn sort_slices(slices: &mut [Slice]) {
    slices
        .par_sort_by(|a, b| (&a.service, &a.name, a.family).cmp(&(&b.service, &b.name, b.family)));
}

/// Each slice with its Service, if there is one; both lists are sorted.
pub(super) fn owned<'c>(
    slices: &'c [Slice],
    services: &'c [Service],
) -> impl Iterator<Item = (&'c Slice, Option<&'c Service>)> {
    let mut rest = services.iter().peekable();
    slices.iter().map(move |slice| {
        while rest
            .next_if(|service| service.key < slice.service)
            .is_some()
        {}
        let service = rest.peek().copied();
        (
            slice,
            service.filter(|service| service.key == slice.service),
        )
    })
}

pub(super) fn has_slice(sorted: &[Slice], service: &ServiceKey) -> bool {
    sorted
        .binary_search_by(|slice| slice.service.cmp(service))
        .is_ok()
}

/// The base's slices of Services for which the input has none.
pub(super) fn add_base_slices(
    slices: &mut Vec<Slice>,
    base: Vec<Slice>,
    services: &[Service],
    port_names: &PortNames,
) {
    let known = |key: &ServiceKey| services.binary_search_by(|s| s.key.cmp(key)).is_ok();
    let added: Vec<Slice> = base
        .into_iter()
        .filter(|slice| known(&slice.service) && !has_slice(slices, &slice.service))
        .map(|mut slice| {
            let renamed = port_names.get(&slice.service);
            for port in &mut slice.ports {
                // Once each: names may have been exchanged.
                let new = renamed
                    .into_iter()
                    .flatten()
                    .find(|(old, _)| port.name.as_str() == old);
                if let Some(name) = new.and_then(|(_, new)| PortName::parse(new).ok()) {
                    port.name = name;
                }
            }
            slice
        })
        .collect();
    slices.extend(added);
}

pub(super) fn report_orphans(services: &[Service], slices: &[Slice], findings: &mut Findings) {
    // Of a Service of that name in another namespace, if anybody has to be told.
    let elsewhere = OnceCell::new();
    let mut last: Option<ObjectId> = None;
    for (slice, service) in owned(slices, services) {
        if service.is_none() && last != Some(slice.object) {
            last = Some(slice.object);
            let elsewhere = elsewhere.get_or_init(|| {
                let names = services
                    .iter()
                    .map(|service| (&service.key.name, &service.key));
                names.collect::<BTreeMap<_, _>>()
            });
            let help = match elsewhere.get(&slice.service.name) {
                Some(other) => format!(
                    "pass the Service too, or move the endpoints to the namespace of {other}"
                ),
                None => "pass the Service too, or remove the endpoints".to_owned(),
            };
            findings.push(
                Finding::warning(
                    Code::OrphanSlice,
                    slice.object,
                    format!(
                        "the Service {} of these endpoints is not in the input",
                        slice.service
                    ),
                )
                .help(help),
            );
        }
    }
}
