//! Services.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// Which cluster IPs a Service has, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Families {
    /// One, of IPv4.
    V4,
    /// One, of IPv6.
    V6,
    /// Both, IPv4 first.
    V4V6,
    /// Both, IPv6 first.
    V6V4,
}

impl Families {
    /// Whether IPv4 is among them.
    pub fn has_v4(self) -> bool {
        self != Self::V6
    }

    /// Whether IPv6 is among them.
    pub fn has_v6(self) -> bool {
        self != Self::V4
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    ClusterIp,
    NodePort,
    LoadBalancer,
    Headless,
    ExternalName,
    /// Without a cluster IP, as in Git.
    NotAllocated,
}

#[derive(Debug, Clone, Copy)]
enum Affinity {
    Unset,
    None,
    ClientIp(Option<u32>),
}

/// A port; its numbers follow from the Service's and its own.
#[derive(Debug, Clone, Copy)]
pub struct Port {
    /// `None` where the API server's default is left to it.
    pub protocol: Option<&'static str>,
    node_port: bool,
}

/// A Service whose names and numbers follow from its place among all.
#[derive(Debug, Clone)]
pub struct Service {
    kind: Type,
    /// The families of its addresses.
    pub families: Families,
    /// Its ports, at least one.
    pub ports: Vec<Port>,
    internal: Option<&'static str>,
    external: Option<&'static str>,
    affinity: Affinity,
    /// Of both families, whatever the Service's.
    external_ips: Vec<usize>,
    ingress: Vec<usize>,
    ranges: Vec<&'static str>,
    health_check: bool,
    annotation: Option<(&'static str, &'static str)>,
    label: Option<&'static str>,
}

const RANGES: [&str; 8] = [
    "10.0.0.0/8",
    "192.168.0.0/16",
    "198.51.100.9/32",
    "198.51.100.77/24",
    " 192.0.2.0/24 ",
    "0.0.0.0/0",
    "2001:db8::/32",
    "fd00::1/128",
];

const ANNOTATIONS: [(&str, &str); 4] = [
    ("service.kubernetes.io/topology-mode", "Auto"),
    ("service.kubernetes.io/topology-mode", "Disabled"),
    ("service.kubernetes.io/topology-aware-hints", "auto"),
    ("service.kubernetes.io/topology-aware-hints", ""),
];

const LABELS: [&str; 2] = [
    "service.kubernetes.io/headless",
    "service.kubernetes.io/service-proxy-name",
];

/// A Service of any type, families, ports and policies.
pub fn service() -> impl Strategy<Value = Service> {
    let kind = prop_oneof![
        4 => Just(Type::ClusterIp),
        4 => Just(Type::NodePort),
        6 => Just(Type::LoadBalancer),
        1 => Just(Type::Headless),
        1 => Just(Type::ExternalName),
        1 => Just(Type::NotAllocated),
    ];
    let families = [Families::V4, Families::V6, Families::V4V6, Families::V6V4];
    let protocols = [None, Some("TCP"), Some("UDP"), Some("SCTP")];
    let port = (select(protocols.to_vec()), any::<bool>()).prop_map(|(protocol, node_port)| Port {
        protocol,
        node_port,
    });
    let policy = || proptest::option::of(select(&["Cluster", "Local"][..]));
    let affinity = prop_oneof![
        3 => Just(Affinity::Unset),
        1 => Just(Affinity::None),
        1 => Just(Affinity::ClientIp(None)),
        1 => (1u32..=86_400).prop_map(|timeout| Affinity::ClientIp(Some(timeout))),
    ];
    let reach = (
        subsequence(vec![0, 1, 2], 0..=3),
        subsequence(vec![0, 1, 2, 3], 0..=4),
        prop_oneof![
            Just(Vec::new()),
            subsequence(RANGES.to_vec(), 0..=RANGES.len())
        ],
        any::<bool>(),
    );
    let marks = (
        proptest::option::weighted(0.3, select(&ANNOTATIONS[..])),
        proptest::option::weighted(0.05, select(&LABELS[..])),
    );
    (
        kind,
        select(families.to_vec()),
        vec(port, 1..=3),
        (policy(), policy()),
        affinity,
        reach,
        marks,
    )
        .prop_map(
            |(kind, families, ports, (internal, external), affinity, reach, marks)| {
                let (external_ips, ingress, ranges, health_check) = reach;
                let (annotation, label) = marks;
                Service {
                    kind,
                    families,
                    ports,
                    internal,
                    external,
                    affinity,
                    external_ips,
                    ingress,
                    ranges,
                    health_check,
                    annotation,
                    label,
                }
            },
        )
}

/// The name of a Service by its number.
pub fn name(number: usize) -> String {
    format!("service-{number}")
}

impl Service {
    /// The name of a port, which the only port may lack.
    pub fn port_name(&self, port: usize) -> Option<String> {
        (self.ports.len() > 1).then(|| format!("port-{port}"))
    }

    pub(super) fn object(&self, number: usize) -> Value {
        let mut metadata = json!({"name": name(number), "namespace": "shop"});
        if let Some((key, value)) = self.annotation {
            metadata["annotations"] = json!({key: value});
        }
        if let Some(label) = self.label {
            metadata["labels"] = json!({label: ""});
        }
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": self.spec(number),
            "status": {"loadBalancer": self.status(number)},
        })
    }

    fn spec(&self, number: usize) -> Value {
        let mut spec = Map::new();
        let mut set = |key: &str, value: Value| spec.insert(key.to_owned(), value);
        match self.kind {
            Type::NodePort => drop(set("type", json!("NodePort"))),
            Type::LoadBalancer => drop(set("type", json!("LoadBalancer"))),
            Type::ExternalName => {
                set("type", json!("ExternalName"));
                set("externalName", json!("example.com"));
            }
            Type::ClusterIp | Type::Headless | Type::NotAllocated => {}
        }
        let v4 = format!("10.96.{number}.1");
        let v6 = format!("fd00:96::{number:x}");
        let (ips, families) = match self.families {
            Families::V4 => (vec![v4], json!(["IPv4"])),
            Families::V6 => (vec![v6], json!(["IPv6"])),
            Families::V4V6 => (vec![v4, v6], json!(["IPv4", "IPv6"])),
            Families::V6V4 => (vec![v6, v4], json!(["IPv6", "IPv4"])),
        };
        match self.kind {
            Type::Headless => drop(set("clusterIP", json!("None"))),
            Type::ExternalName | Type::NotAllocated => {}
            Type::ClusterIp | Type::NodePort | Type::LoadBalancer => {
                set("clusterIP", json!(ips[0]));
                set("clusterIPs", json!(ips));
                set("ipFamilies", families);
            }
        }
        for (key, policy) in [
            ("internalTrafficPolicy", self.internal),
            ("externalTrafficPolicy", self.external),
        ] {
            if let Some(policy) = policy {
                set(key, json!(policy));
            }
        }
        match self.affinity {
            Affinity::Unset => {}
            Affinity::None => drop(set("sessionAffinity", json!("None"))),
            Affinity::ClientIp(timeout) => {
                set("sessionAffinity", json!("ClientIP"));
                if let Some(timeout) = timeout {
                    let config = json!({"clientIP": {"timeoutSeconds": timeout}});
                    set("sessionAffinityConfig", config);
                }
            }
        }
        // The first Service may have the first node's own address.
        let external_ips: Vec<String> = self
            .external_ips
            .iter()
            .map(|kind| match kind {
                0 => format!("192.0.2.{}", number + 1),
                1 => format!("2001:db8:1::{:x}", number + 1),
                _ if number == 0 => "192.168.0.10".to_owned(),
                _ => format!("192.0.2.{}", number + 101),
            })
            .collect();
        set("externalIPs", json!(external_ips));
        set("loadBalancerSourceRanges", json!(self.ranges));
        if self.kind == Type::LoadBalancer && self.health_check {
            set("healthCheckNodePort", json!(32_000 + number));
        }
        let ports: Vec<Value> = (0..self.ports.len())
            .map(|port| self.port(number, port))
            .collect();
        set("ports", json!(ports));
        Value::Object(spec)
    }

    fn port(&self, number: usize, index: usize) -> Value {
        let port = self.ports[index];
        let mut value = json!({"port": 80 + index, "targetPort": 8080 + index});
        if let Some(name) = self.port_name(index) {
            value["name"] = json!(name);
        }
        if let Some(protocol) = port.protocol {
            value["protocol"] = json!(protocol);
        }
        let exposed = matches!(self.kind, Type::NodePort | Type::LoadBalancer);
        if exposed && port.node_port {
            value["nodePort"] = json!(30_000 + 10 * number + index);
        }
        value
    }

    fn status(&self, number: usize) -> Value {
        if self.kind != Type::LoadBalancer {
            return json!({});
        }
        let ingress: Vec<Value> = self
            .ingress
            .iter()
            .map(|kind| match kind {
                0 => json!({"ip": format!("203.0.113.{}", number + 1), "ipMode": "VIP"}),
                1 => json!({"ip": format!("2001:db8:2::{:x}", number + 1)}),
                2 => json!({"ip": format!("203.0.113.{}", number + 101), "ipMode": "Proxy"}),
                _ => json!({"hostname": "lb.example.com"}),
            })
            .collect();
        json!({"ingress": ingress})
    }
}
