//! A dump of a cluster, with nothing in it but what is read: small, the same for the same cluster, fit
//! for a repository.
//!
//! What is compiled from it is what would be compiled from the dump: each kind keeps the fields that the
//! [`crate::model`] reads, as written, and no other. Neither annotations nor variables nor images are
//! among them, but for the image that tells kube-proxy's release and the annotations that route traffic.

mod keep;
mod nodes;
mod pods;
mod services;

use serde_json::{Map, Value};

use crate::diag::{Findings, Report, Severity};
use crate::front::{self, Manifests};
use crate::source::{Objects, Sources};

/// A base, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// YAML documents, by kind, namespace and name.
    pub text: String,
    /// How many objects it has, by kind, in the order of the text.
    pub kinds: Vec<(&'static str, usize)>,
    /// How many objects of the dump are of kinds that decide nothing.
    pub left_out: usize,
}

/// Reads a dump. Without a base where something in it cannot be read; the report says what.
pub fn base(sources: &Sources) -> (Option<Base>, Report) {
    let mut findings = Findings::default();
    let mut objects = Objects::default();
    let manifests = front::read(sources, &mut objects, &mut findings);
    let report = Report::new(&findings, sources, &objects);
    let refused = report.count(Severity::Error) > 0;
    let base = (!refused).then(|| of(&manifests, &objects));
    (base, report)
}

fn of(manifests: &Manifests, objects: &Objects) -> Base {
    let parts = [
        ("KubeProxyConfiguration", nodes::configurations(manifests)),
        ("ServiceCIDR", nodes::service_cidrs(manifests)),
        ("DaemonSet", nodes::daemon_sets(manifests)),
        ("Node", nodes::nodes(manifests)),
        ("NodeFacts", nodes::facts(manifests)),
        ("Service", services::services(manifests)),
        ("EndpointSlice", services::slices(manifests)),
        ("Endpoints", services::endpoints(manifests)),
        ("Pod", pods::pods(manifests)),
        ("workload", pods::workloads(manifests, objects)),
    ];
    let mut text =
        String::from("# A base for portolan: what `portolan base` kept of a dump of a cluster.\n");
    let mut kinds = Vec::new();
    for (kind, mut values) in parts {
        values.sort_by(|a, b| (name(a), a["kind"].as_str()).cmp(&(name(b), b["kind"].as_str())));
        values.dedup();
        if values.is_empty() {
            continue;
        }
        kinds.push((kind, values.len()));
        for value in values {
            text.push_str("---\n");
            // A tree of text, numbers and lists has nothing that YAML could refuse.
            text.push_str(&serde_yaml::to_string(&value).unwrap_or_default());
        }
    }
    let left_out = left_out(manifests, &kinds);
    Base {
        text,
        kinds,
        left_out,
    }
}

/// How many objects are of kinds that decide nothing, or decide nothing themselves: Pods that are done,
/// `DaemonSet`s that are not kube-proxy's. These are counted among the others, whether they are kept or not.
fn left_out(manifests: &Manifests, kinds: &[(&'static str, usize)]) -> usize {
    let others: usize = manifests.others.values().sum();
    let partly = kinds
        .iter()
        .filter(|(kind, _)| ["DaemonSet", "Pod", "workload"].contains(kind));
    others.saturating_sub(partly.map(|(_, number)| number).sum())
}

/// Namespace and name, by which objects of a kind are ordered.
fn name(value: &Value) -> (&str, &str) {
    let text = |key: &str| value["metadata"][key].as_str().unwrap_or_default();
    (text("namespace"), text("name"))
}

/// An object of a kind, with what is left of the fields that it has.
fn object(api_version: &str, kind: &str, fields: Value) -> Value {
    let mut object = Map::new();
    object.insert("apiVersion".to_owned(), api_version.into());
    object.insert("kind".to_owned(), kind.into());
    if let Value::Object(fields) = fields {
        object.extend(fields);
    }
    Value::Object(object)
}
