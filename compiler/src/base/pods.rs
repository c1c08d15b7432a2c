//! Pods, as far as Services choose among them.

use serde_json::{Map, Value, json};

use super::keep::{entries, metadata};
use super::object;
use crate::front::{ContainerManifest, Manifests, PodManifest, PodStatus};

/// Those that stand behind a Service, or may again: what never ran, and what is done for good, do not.
pub(super) fn pods(manifests: &Manifests) -> Vec<Value> {
    let pods = manifests.pods.iter().map(|located| &*located.value);
    let counts = |pod: &&PodManifest| {
        let phase = pod.status.phase.as_deref();
        pod.status != PodStatus::default() && !matches!(phase, Some("Succeeded" | "Failed"))
    };
    pods.filter(counts).map(pod).collect()
}

fn pod(pod: &PodManifest) -> Value {
    let (meta, spec, status) = (&pod.metadata, &pod.spec, &pod.status);
    let labels = entries(meta.labels.iter().flatten(), |_| true);
    let mut kept = metadata(
        meta.namespace.as_deref(),
        meta.name.as_deref(),
        [("labels", labels), ("annotations", Map::new())],
    );
    set(
        &mut kept,
        "deletionTimestamp",
        meta.deletion_timestamp.as_deref(),
    );
    let mut owners = meta.owner_references.iter().flatten();
    if let Some(owner) = owners.find(|owner| owner.controller == Some(true)) {
        let owner = json!({ "kind": owner.kind, "name": owner.name, "controller": true });
        kept["ownerReferences"] = json!([owner]);
    }
    let mut wanted = json!({});
    set(&mut wanted, "nodeName", spec.node_name.as_deref());
    set(&mut wanted, "hostname", spec.hostname.as_deref());
    set(&mut wanted, "subdomain", spec.subdomain.as_deref());
    if spec.host_network == Some(true) {
        wanted["hostNetwork"] = true.into();
    }
    let lists = [
        ("containers", &spec.containers),
        ("initContainers", &spec.init_containers),
    ];
    for (key, list) in lists {
        let containers: Vec<Value> = list.iter().flatten().filter_map(container).collect();
        if !containers.is_empty() {
            wanted[key] = containers.into();
        }
    }
    let mut found = json!({});
    set(&mut found, "phase", status.phase.as_deref());
    set(&mut found, "podIP", status.pod_ip.as_deref());
    let ips = status.pod_ips.iter().flatten();
    let ips: Vec<Value> = ips.map(|ip| json!({ "ip": ip.ip })).collect();
    if !ips.is_empty() {
        found["podIPs"] = ips.into();
    }
    let mut conditions = status.conditions.iter().flatten();
    let ready = conditions.find(|condition| condition.type_.as_deref() == Some("Ready"));
    if let Some(ready) = ready {
        found["conditions"] = json!([{ "type": "Ready", "status": ready.status }]);
    }
    object(
        "v1",
        "Pod",
        json!({ "metadata": kept, "spec": wanted, "status": found }),
    )
}

fn set(value: &mut Value, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        value[key] = text.into();
    }
}

/// The ports of a container; nothing where it declares none.
fn container(container: &ContainerManifest) -> Option<Value> {
    let ports = container.ports.iter().flatten().map(|port| {
        let mut value = json!({ "containerPort": port.container_port });
        set(&mut value, "name", port.name.as_deref());
        set(&mut value, "protocol", port.protocol.as_deref());
        value
    });
    let ports: Vec<Value> = ports.collect();
    (!ports.is_empty()).then(|| {
        let mut value = json!({ "ports": ports });
        set(
            &mut value,
            "restartPolicy",
            container.restart_policy.as_deref(),
        );
        value
    })
}
