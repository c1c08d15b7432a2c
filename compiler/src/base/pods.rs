//! Pods, as far as Services choose among them.

use serde_json::{Map, Value, json};

use super::keep::{entries, metadata};
use super::object;
use crate::front::{
    ContainerManifest, Manifests, PodManifest, PodMetadata, PodStatus, TemplateManifest,
};
use crate::source::{ObjectKind, Objects};

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
    own(&mut kept, meta);
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
    containers(&mut wanted, lists);
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

/// What makes Pods, with what Services choose by.
pub(super) fn workloads(manifests: &Manifests, objects: &Objects) -> Vec<Value> {
    let workloads = manifests.workloads.iter();
    let workloads = workloads.map(|located| {
        let (meta, spec) = (&located.value.metadata, &located.value.spec);
        let mut kept = json!({});
        if let Some(replicas) = &spec.replicas {
            kept["replicas"] = replicas.clone();
        }
        if let Some(written) = &spec.template {
            kept["template"] = template(written);
        }
        let of_jobs = spec.job_template.as_ref();
        if let Some(written) = of_jobs.and_then(|job| job.spec.template.as_ref()) {
            kept["jobTemplate"] = json!({ "spec": { "template": template(written) } });
        }
        let kind = objects.name(located.object).kind;
        let group = match kind {
            ObjectKind::Workload(kind) => kind.group(),
            // A `DaemonSet`.
            _ => "apps",
        };
        let api_version = format!("{group}/v1");
        let mut named = metadata(
            meta.namespace.as_deref(),
            meta.name.as_deref(),
            [("labels", Map::new()), ("annotations", Map::new())],
        );
        own(&mut named, meta);
        object(
            &api_version,
            kind.as_str(),
            json!({ "metadata": named, "spec": kept }),
        )
    });
    workloads.collect()
}

fn template(written: &TemplateManifest) -> Value {
    let labels = entries(written.metadata.labels.iter().flatten(), |_| true);
    let mut spec = json!({});
    let lists = [
        ("containers", &written.spec.containers),
        ("initContainers", &written.spec.init_containers),
    ];
    containers(&mut spec, lists);
    json!({ "metadata": { "labels": labels }, "spec": spec })
}

/// The containers that declare ports.
fn containers(spec: &mut Value, lists: [(&str, &Option<Vec<ContainerManifest>>); 2]) {
    for (key, list) in lists {
        let containers: Vec<Value> = list.iter().flatten().filter_map(container).collect();
        if !containers.is_empty() {
            spec[key] = containers.into();
        }
    }
}

/// What manages an object.
fn own(kept: &mut Value, meta: &PodMetadata) {
    let mut owners = meta.owner_references.iter().flatten();
    if let Some(owner) = owners.find(|owner| owner.controller == Some(true)) {
        let owner = json!({ "kind": owner.kind, "name": owner.name, "controller": true });
        kept["ownerReferences"] = json!([owner]);
    }
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
