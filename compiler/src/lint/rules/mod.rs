//! The rules that compile has no part in: each file one family, each a function from the input to
//! findings. Severities are the rule's own unless a case is clearer than others.

mod address_ranges;
mod ambiguous_yaml;
mod api_validation;
mod endpoint_addresses;
mod endpoint_ports;
mod external_ips;
mod fields_without_effect;
mod health_checks;
mod kinds_of_service;
mod large_pools;
mod legacy_endpoints;
mod load_balancers;
mod masquerading;
mod node_descriptions;
mod node_endpoints;
mod node_ports;
mod owners;
mod proxy_mode;
mod selectors;
mod shared_endpoints;
mod source_ranges;
mod topology_hints;

use k8s_openapi::api::core::v1::Service;
use rayon::prelude::*;

use super::subject::Subject;
use crate::diag::{Findings, Place};
use crate::source::{FieldPath, ObjectId};

type Rule = fn(&Subject<'_>, &mut Findings);

const RULES: &[Rule] = &[
    address_ranges::check,
    ambiguous_yaml::check,
    api_validation::services,
    api_validation::slices,
    endpoint_addresses::special,
    endpoint_addresses::loops,
    node_endpoints::check,
    endpoint_ports::check,
    external_ips::check,
    external_ips::on_their_way_out,
    fields_without_effect::check,
    health_checks::source_ranges,
    kinds_of_service::check,
    large_pools::check,
    legacy_endpoints::check,
    load_balancers::proxies,
    load_balancers::addresses,
    load_balancers::fields,
    masquerading::check,
    node_descriptions::check,
    node_ports::ranges,
    node_ports::scope,
    proxy_mode::on_their_way_out,
    proxy_mode::settings,
    selectors::check,
    shared_endpoints::check,
    source_ranges::check,
    topology_hints::check,
];

/// Checks all rules, side by side; their findings in a fixed order.
pub(super) fn check_all(subject: &Subject<'_>) -> Vec<Findings> {
    RULES
        .par_iter()
        .map(|rule| {
            let mut findings = Findings::default();
            rule(subject, &mut findings);
            findings
        })
        .collect()
}

/// A field below `spec`.
fn spec(object: ObjectId, key: &'static str) -> Place {
    Place::Field(object, FieldPath::root().key("spec").key(key))
}

/// A field of the configuration, or of whatever is at the top of an object.
fn root(object: ObjectId, key: &'static str) -> Place {
    Place::Field(object, FieldPath::root().key(key))
}

/// A label or annotation.
fn metadata(object: ObjectId, key: &'static str, name: &'static str) -> Place {
    Place::Field(object, FieldPath::root().key("metadata").key(key).key(name))
}

fn has_label(service: &Service, label: &str) -> bool {
    let labels = service.metadata.labels.as_ref();
    labels.is_some_and(|labels| labels.contains_key(label))
}

fn annotation<'a>(
    metadata: &'a k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta,
    name: &str,
) -> Option<&'a str> {
    metadata.annotations.as_ref()?.get(name).map(String::as_str)
}
