//! Services, and the slices that others wrote for them.

use serde_json::{Map, Value, json};

use super::keep::{Keep, entries, kept, metadata};
use super::object;
use crate::front::{EndpointManifest, Manifests};
use crate::model::service::{ANNOTATION_HINTS, ANNOTATION_MODE, LABEL_HEADLESS, LABEL_OTHER_PROXY};
use crate::model::slice::LABEL_SERVICE;
use crate::model::{ANNOTATION_LEADER, LABEL_SKIP};

const ALL: Keep = Keep::All;

const SERVICE: Keep = Keep::Fields(&[
    (
        "spec",
        Keep::Fields(&[
            ("allocateLoadBalancerNodePorts", ALL),
            ("clusterIP", ALL),
            ("clusterIPs", ALL),
            ("externalIPs", ALL),
            ("externalName", ALL),
            ("externalTrafficPolicy", ALL),
            ("healthCheckNodePort", ALL),
            ("internalTrafficPolicy", ALL),
            ("ipFamilies", ALL),
            ("ipFamilyPolicy", ALL),
            ("loadBalancerClass", ALL),
            ("loadBalancerIP", ALL),
            ("loadBalancerSourceRanges", ALL),
            ("ports", ALL),
            ("publishNotReadyAddresses", ALL),
            ("selector", ALL),
            ("sessionAffinity", ALL),
            ("sessionAffinityConfig", ALL),
            ("trafficDistribution", ALL),
            ("type", ALL),
        ]),
    ),
    (
        "status",
        Keep::Fields(&[(
            "loadBalancer",
            Keep::Fields(&[(
                "ingress",
                Keep::Each(&Keep::Fields(&[
                    ("hostname", ALL),
                    ("ip", ALL),
                    ("ipMode", ALL),
                ])),
            )]),
        )]),
    ),
]);

const ENDPOINTS: Keep = Keep::Fields(&[(
    "subsets",
    Keep::Each(&Keep::Fields(&[
        ("addresses", Keep::Each(&ADDRESS)),
        ("notReadyAddresses", Keep::Each(&ADDRESS)),
        ("ports", ALL),
    ])),
)]);

const ADDRESS: Keep = Keep::Fields(&[("hostname", ALL), ("ip", ALL), ("nodeName", ALL)]);

pub(super) fn services(manifests: &Manifests) -> Vec<Value> {
    let services = manifests.services.iter();
    let services = services.map(|located| {
        let service = &*located.value;
        let meta = &service.metadata;
        // Two decide who serves it, and by the others reports are filtered.
        let labels = entries(meta.labels.iter().flatten(), |_| true);
        let annotations = entries(meta.annotations.iter().flatten(), |key| {
            [ANNOTATION_HINTS, ANNOTATION_MODE].contains(&key)
        });
        let mut fields = kept(service, SERVICE).unwrap_or(json!({}));
        fields["metadata"] = metadata(
            meta.namespace.as_deref(),
            meta.name.as_deref(),
            [("labels", labels), ("annotations", annotations)],
        );
        object("v1", "Service", fields)
    });
    services.collect()
}

pub(super) fn slices(manifests: &Manifests) -> Vec<Value> {
    let slices = manifests.slices.iter();
    let slices = slices.map(|located| {
        let slice = &*located.value;
        let labels = entries(&slice.labels, |key| {
            [LABEL_SERVICE, LABEL_HEADLESS, LABEL_OTHER_PROXY].contains(&key)
        });
        let meta = metadata(
            slice.namespace.as_deref(),
            slice.name.as_deref(),
            [("labels", labels), ("annotations", Map::new())],
        );
        let mut fields = json!({ "metadata": meta, "addressType": slice.address_type });
        // Without `appProtocol`, which is for others.
        let port = Keep::Fields(&[("name", ALL), ("port", ALL), ("protocol", ALL)]);
        let ports = slice.ports.iter();
        let ports: Vec<Value> = ports.filter_map(|one| kept(one, port)).collect();
        if !ports.is_empty() {
            fields["ports"] = ports.into();
        }
        let mut endpoints: Vec<&EndpointManifest> = slice.endpoints.iter().collect();
        endpoints.sort_by(|a, b| a.address.cmp(&b.address));
        fields["endpoints"] = endpoints.into_iter().map(endpoint).collect();
        object("discovery.k8s.io/v1", "EndpointSlice", fields)
    });
    slices.collect()
}

fn endpoint(endpoint: &EndpointManifest) -> Value {
    let mut value = json!({ "addresses": endpoint.address.iter().collect::<Vec<_>>() });
    let further = [
        ("conditions", kept(&endpoint.conditions, ALL)),
        (
            "hints",
            endpoint.hints.as_ref().and_then(|one| kept(one, ALL)),
        ),
        ("nodeName", endpoint.node_name.as_deref().map(Value::from)),
    ];
    for (key, field) in further {
        if let Some(field) = field {
            value[key] = field;
        }
    }
    value
}

pub(super) fn endpoints(manifests: &Manifests) -> Vec<Value> {
    let endpoints = manifests.endpoints.iter();
    let endpoints = endpoints.map(|located| {
        let endpoints = &*located.value;
        let meta = &endpoints.metadata;
        let labels = entries(meta.labels.iter().flatten(), |key| {
            [LABEL_HEADLESS, LABEL_OTHER_PROXY, LABEL_SKIP].contains(&key)
        });
        let annotations = entries(meta.annotations.iter().flatten(), |key| {
            key == ANNOTATION_LEADER
        });
        let mut fields = kept(endpoints, ENDPOINTS).unwrap_or(json!({}));
        fields["metadata"] = metadata(
            meta.namespace.as_deref(),
            meta.name.as_deref(),
            [("labels", labels), ("annotations", annotations)],
        );
        object("v1", "Endpoints", fields)
    });
    endpoints.collect()
}
