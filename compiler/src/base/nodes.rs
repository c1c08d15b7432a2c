//! What describes nodes, and how kube-proxy is set there.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::keep::{Keep, entries, kept, metadata};
use super::object;
use crate::front::{DaemonSetManifest, Manifests, PodSpec};
use crate::model::{LABEL_ZONE, LABELS_SYSTEM, image};

const ALL: Keep = Keep::All;

const NODE: Keep = Keep::Fields(&[
    (
        "spec",
        Keep::Fields(&[
            ("podCIDR", ALL),
            ("podCIDRs", ALL),
            ("taints", Keep::Each(&Keep::Fields(&[("effect", ALL)]))),
            ("unschedulable", ALL),
        ]),
    ),
    (
        "status",
        Keep::Fields(&[
            (
                "addresses",
                Keep::Each(&Keep::Fields(&[("address", ALL), ("type", ALL)])),
            ),
            ("capacity", Keep::Fields(&[("cpu", ALL)])),
            (
                "nodeInfo",
                Keep::Fields(&[("kubeletVersion", ALL), ("operatingSystem", ALL)]),
            ),
        ]),
    ),
]);

pub(super) fn nodes(manifests: &Manifests) -> Vec<Value> {
    let asked: BTreeSet<&str> = kube_proxies(manifests)
        .flat_map(|set| labels_asked(&set.spec.template.spec))
        .collect();
    let nodes = manifests.nodes.iter();
    let nodes = nodes.map(|located| {
        let node = &*located.value;
        let meta = &node.metadata;
        let labels = entries(meta.labels.iter().flatten(), |key| {
            key == LABEL_ZONE || LABELS_SYSTEM.contains(&key) || asked.contains(key)
        });
        let mut fields = kept(node, NODE).unwrap_or(json!({}));
        if let Some(addresses) = fields.pointer_mut("/status/addresses") {
            let is_ip =
                |one: &Value| matches!(one["type"].as_str(), Some("InternalIP" | "ExternalIP"));
            if let Value::Array(list) = addresses {
                list.retain(is_ip);
            }
        }
        fields["metadata"] = metadata(
            None,
            meta.name.as_deref(),
            [("labels", labels), ("annotations", Map::new())],
        );
        object("v1", "Node", fields)
    });
    nodes.collect()
}

/// Labels of nodes that a Pod's placement asks for.
fn labels_asked(spec: &PodSpec) -> Vec<&str> {
    let selected = spec.node_selector.iter().flatten();
    let mut asked: Vec<&str> = selected.map(|(key, _)| key.as_str()).collect();
    let affinity = spec.affinity.as_ref();
    let affinity = affinity.and_then(|affinity| affinity.node_affinity.as_ref());
    let required = affinity.and_then(|affinity| affinity.required.as_ref());
    let terms = required.and_then(|required| required.node_selector_terms.as_ref());
    let terms = terms.into_iter().flatten();
    let expressions = terms.flat_map(|term| term.match_expressions.iter().flatten());
    asked.extend(expressions.filter_map(|one| one.key.as_deref()));
    asked
}

/// `DaemonSet`s whose image tells kube-proxy's release.
fn kube_proxies(manifests: &Manifests) -> impl Iterator<Item = &DaemonSetManifest> {
    let tell: BTreeSet<_> = image::images(&manifests.daemon_sets)
        .into_iter()
        .map(|image| image.object)
        .collect();
    let sets = manifests.daemon_sets.iter();
    sets.filter(move |set| tell.contains(&set.object))
        .map(|set| &*set.value)
}

pub(super) fn daemon_sets(manifests: &Manifests) -> Vec<Value> {
    let sets = kube_proxies(manifests).map(|set| {
        let pod = &set.spec.template.spec;
        let containers = pod.containers.iter().flatten();
        let containers: Vec<Value> = containers
            .map(|one| {
                let words = [("command", &one.command), ("args", &one.args)];
                let mut container = json!({ "image": one.image });
                for (key, words) in words {
                    if let Some(words) = words {
                        container[key] = json!(words);
                    }
                }
                container
            })
            .collect();
        let mut spec = json!({ "containers": containers });
        if let Some(selector) = &pod.node_selector {
            spec["nodeSelector"] = json!(selector);
        }
        if let Some(affinity) = pod.affinity.as_ref().and_then(|one| kept(one, ALL)) {
            spec["affinity"] = affinity;
        }
        let meta = &set.metadata;
        let meta = metadata(
            meta.namespace.as_deref(),
            meta.name.as_deref(),
            [("labels", Map::new()), ("annotations", Map::new())],
        );
        object(
            "apps/v1",
            "DaemonSet",
            json!({ "metadata": meta, "spec": { "template": { "spec": spec } } }),
        )
    });
    sets.collect()
}

pub(super) fn service_cidrs(manifests: &Manifests) -> Vec<Value> {
    let ranges = manifests.service_cidrs.iter().map(|located| {
        let range = &located.value;
        let name = json!({ "name": range.metadata.name });
        object(
            "networking.k8s.io/v1",
            "ServiceCIDR",
            json!({ "metadata": name, "spec": { "cidrs": range.cidrs } }),
        )
    });
    ranges.collect()
}

pub(super) fn configurations(manifests: &Manifests) -> Vec<Value> {
    let configs = manifests.configs.iter().filter_map(|located| {
        let fields = kept(&located.value, ALL)?;
        Some(object(
            "kubeproxy.config.k8s.io/v1alpha1",
            "KubeProxyConfiguration",
            fields,
        ))
    });
    configs.collect()
}

pub(super) fn facts(manifests: &Manifests) -> Vec<Value> {
    let facts = manifests.facts.iter();
    let facts = facts.filter_map(|located| serde_json::to_value(&located.value).ok());
    facts.collect()
}
