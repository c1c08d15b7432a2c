//! A large cluster, the same one every time: Services of all types, each with its endpoints, and the
//! nodes they run on, written as kubectl writes them.

use std::fmt::{self, Write as _};

use serde_json::{Value, json};

/// Endpoints per slice: the endpoint slice controller's own limit.
const SLICE: usize = 100;
/// Pods per node, roughly what a kubelet takes.
const PODS_PER_NODE: usize = 100;

/// How large the cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Number of Services.
    pub(crate) services: usize,
    /// Endpoints of each.
    pub(crate) endpoints: usize,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            services,
            endpoints,
        } = self;
        write!(f, "{services} Services with {endpoints} endpoints each")
    }
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// YAML documents with `---` between them, as Helm and kustomize write them.
    Documents,
    /// One YAML document of kind List, as `kubectl get -o yaml` prints it.
    List,
    /// The same as `kubectl get -o json` prints it.
    Json,
}

impl Format {
    pub(crate) const ALL: [Self; 3] = [Self::Documents, Self::List, Self::Json];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::List => "list",
            Self::Json => "json",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// The whole cluster as text.
pub(crate) fn text(size: Size, format: Format) -> Result<String, Box<dyn std::error::Error>> {
    let objects = objects(size);
    let mut text = String::new();
    match format {
        Format::Documents => {
            for object in &objects {
                write!(text, "---\n{}", serde_yaml::to_string(object)?)?;
            }
        }
        Format::List => {
            text.push_str("apiVersion: v1\nitems:\n");
            for object in &objects {
                let mut lead = "- ";
                for line in serde_yaml::to_string(object)?.lines() {
                    writeln!(text, "{lead}{line}")?;
                    lead = "  ";
                }
            }
            text.push_str("kind: List\nmetadata:\n  resourceVersion: \"\"\n");
        }
        Format::Json => {
            let list = json!({
                "apiVersion": "v1",
                "items": objects,
                "kind": "List",
                "metadata": {"resourceVersion": ""},
            });
            let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
            let mut bytes = Vec::new();
            let mut writer = serde_json::Serializer::with_formatter(&mut bytes, indent);
            serde::Serialize::serialize(&list, &mut writer)?;
            text = String::from_utf8(bytes)?;
            text.push('\n');
        }
    }
    Ok(text)
}

/// Services, then slices, then nodes: the order of `kubectl get svc,endpointslices,nodes`.
fn objects(size: Size) -> Vec<Value> {
    let nodes = (size.services * size.endpoints)
        .div_ceil(PODS_PER_NODE)
        .max(1);
    let services = (0..size.services).map(service);
    let slices = (0..size.services).flat_map(|service| slices(service, size, nodes));
    services.chain(slices).chain((0..nodes).map(node)).collect()
}

fn service(number: usize) -> Value {
    let cluster_ip = format!("10.{}.{}", 96 + number / 65_000, host(number % 65_000));
    let mut spec = json!({
        "clusterIP": cluster_ip,
        "clusterIPs": [cluster_ip],
        "internalTrafficPolicy": "Cluster",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "ports": [
            {"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080},
            {"name": "metrics", "port": 9090, "protocol": "TCP", "targetPort": "metrics"},
        ],
        "selector": {"app.kubernetes.io/name": name(number)},
        "sessionAffinity": "None",
        "type": "ClusterIP",
    });
    let mut status = json!({"loadBalancer": {}});
    // One in ten is reachable from outside: half by node port, half through a load balancer. Node
    // ports are scarce, so no more than the API's range has.
    if number.is_multiple_of(10) && number / 10 < 2_700 {
        spec["externalTrafficPolicy"] = json!("Cluster");
        spec["ports"][0]["nodePort"] = json!(30_000 + number / 10);
        if number.is_multiple_of(20) {
            let ip = format!("203.0.{}", host(number / 20));
            status = json!({"loadBalancer": {"ingress": [{"ip": ip, "ipMode": "VIP"}]}});
            spec["allocateLoadBalancerNodePorts"] = json!(true);
            spec["type"] = json!("LoadBalancer");
        } else {
            spec["type"] = json!("NodePort");
        }
        if let Some(ports) = spec["ports"].as_array_mut() {
            ports.truncate(1);
        }
    }
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "annotations": {"meta.helm.sh/release-name": name(number)},
            "creationTimestamp": "2026-03-02T08:15:30Z",
            "labels": {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/name": name(number)},
            "name": name(number),
            "namespace": namespace(number),
            "resourceVersion": (10_000 + number).to_string(),
            "uid": uid(1, number),
        },
        "spec": spec,
        "status": status,
    })
}

fn slices(service: usize, size: Size, nodes: usize) -> impl Iterator<Item = Value> {
    let first = service * size.endpoints;
    let pods: Vec<usize> = (first..first + size.endpoints).collect();
    let slices: Vec<Value> = pods
        .chunks(SLICE)
        .enumerate()
        .map(|(at, pods)| slice(service, at, pods, nodes))
        .collect();
    slices.into_iter()
}

fn slice(service: usize, at: usize, pods: &[usize], nodes: usize) -> Value {
    let endpoint = |pod: &usize| {
        let node = pod % nodes;
        json!({
            "addresses": [format!("10.{}.{}", 128 + pod / 65_000, host(pod % 65_000))],
            "conditions": {"ready": true, "serving": true, "terminating": false},
            "nodeName": format!("node-{node}"),
            "targetRef": {
                "kind": "Pod",
                "name": format!("{}-{:x}", name(service), 0x6d5f_7c00 + pod),
                "namespace": namespace(service),
                "uid": uid(2, *pod),
            },
            "zone": format!("zone-{}", node % 3),
        })
    };
    let ports = match service % 10 {
        0 => json!([{"name": "http", "port": 8080, "protocol": "TCP"}]),
        _ => json!([
            {"name": "http", "port": 8080, "protocol": "TCP"},
            {"name": "metrics", "port": 9100, "protocol": "TCP"},
        ]),
    };
    json!({
        "addressType": "IPv4",
        "apiVersion": "discovery.k8s.io/v1",
        "endpoints": pods.iter().map(endpoint).collect::<Vec<_>>(),
        "kind": "EndpointSlice",
        "metadata": {
            "creationTimestamp": "2026-03-02T08:15:30Z",
            "generateName": format!("{}-", name(service)),
            "generation": 7,
            "labels": {
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                "kubernetes.io/service-name": name(service),
            },
            "name": format!("{}-{at:05}", name(service)),
            "namespace": namespace(service),
            "ownerReferences": [{
                "apiVersion": "v1",
                "blockOwnerDeletion": true,
                "controller": true,
                "kind": "Service",
                "name": name(service),
                "uid": uid(1, service),
            }],
            "resourceVersion": (900_000 + service).to_string(),
            "uid": uid(3, service * 1_000 + at),
        },
        "ports": ports,
    })
}

fn node(number: usize) -> Value {
    let pod_cidr = format!("10.{}.{}.0/24", 128 + number / 256, number % 256);
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "creationTimestamp": "2026-03-02T08:00:00Z",
            "labels": {
                "kubernetes.io/hostname": format!("node-{number}"),
                "topology.kubernetes.io/zone": format!("zone-{}", number % 3),
            },
            "name": format!("node-{number}"),
            "uid": uid(4, number),
        },
        "spec": {"podCIDR": pod_cidr, "podCIDRs": [pod_cidr]},
        "status": {"addresses": [
            {"address": format!("172.16.{}", host(number)), "type": "InternalIP"},
            {"address": format!("node-{number}"), "type": "Hostname"},
        ]},
    })
}

fn name(service: usize) -> String {
    format!("service-{service}")
}

fn namespace(service: usize) -> String {
    format!("team-{}", service % 50)
}

/// The last two parts of an address, none of them 0 or 255.
fn host(number: usize) -> String {
    format!("{}.{}", number / 254, number % 254 + 1)
}

fn uid(kind: usize, number: usize) -> String {
    format!("{number:08x}-0000-4000-a00{kind}-{:012x}", number * 7919)
}
