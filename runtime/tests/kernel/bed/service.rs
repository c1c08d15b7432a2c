//! Services as a case wants them, with addresses that follow from a number.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use portolan_compiler::model::IpFamily;
use serde_json::{Map, Value, json};

use super::{Bed, Node, POD_PORT, Target, Transport};

/// The port of every Service.
pub(crate) const SERVICE_PORT: u16 = 80;

/// By which of its addresses a Service is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    ClusterIp,
    ExternalIp,
    LoadBalancer,
    /// The node's own address and the node port.
    NodePort,
}

/// A Service of both families and both transports.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    name: String,
    number: u16,
    spec: Map<String, Value>,
    status: Value,
    transports: Vec<Transport>,
    pods: Vec<(&'static str, Condition)>,
}

/// What becomes of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Ready,
    Unready,
    /// It ends, and still serves.
    Draining,
    /// It ends, and serves no more.
    Ended,
}

impl Condition {
    fn conditions(self) -> Value {
        let (ready, serving, terminating) = match self {
            Self::Ready => (true, true, false),
            Self::Unready => (false, false, false),
            Self::Draining => (false, true, true),
            Self::Ended => (false, false, true),
        };
        json!({ "ready": ready, "serving": serving, "terminating": terminating })
    }
}

impl Service {
    /// One with cluster IPs and no endpoints.
    pub(crate) fn new(name: impl Into<String>, number: u16) -> Self {
        let service = Self {
            name: name.into(),
            number,
            spec: Map::new(),
            status: json!({}),
            transports: Vec::new(),
            pods: Vec::new(),
        };
        let addresses = service.addresses(Reach::ClusterIp);
        service
            .over(&Transport::ALL)
            .with("type", "ClusterIP")
            .with("clusterIP", json!(addresses[0]))
            .with("clusterIPs", json!(addresses))
            .with("ipFamilies", json!(["IPv4", "IPv6"]))
            .with("ipFamilyPolicy", "RequireDualStack")
    }

    /// With ports of these transports only; to be said before the type.
    pub(crate) fn over(mut self, transports: &[Transport]) -> Self {
        self.transports = transports.to_vec();
        let port = |transport: &Transport| {
            let name = port_name(*transport);
            json!({ "name": name, "port": SERVICE_PORT, "protocol": protocol(*transport) })
        };
        let ports: Vec<Value> = transports.iter().map(port).collect();
        self.with("ports", ports)
    }

    /// With one more field of its specification, or another value of it.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.spec.insert(field.to_owned(), value.into());
        self
    }

    /// With these pods, and no others, as endpoints.
    pub(crate) fn pods(self, names: &[&'static str]) -> Self {
        let ready: Vec<_> = names.iter().map(|name| (*name, Condition::Ready)).collect();
        self.endpoints(&ready)
    }

    /// With these pods, and no others, as endpoints in these conditions.
    pub(crate) fn endpoints(mut self, pods: &[(&'static str, Condition)]) -> Self {
        self.pods = pods.to_vec();
        self
    }

    /// With external IPs.
    pub(crate) fn external_ips(self) -> Self {
        let addresses = self.addresses(Reach::ExternalIp);
        self.with("externalIPs", json!(addresses))
    }

    /// Of type `NodePort`.
    pub(crate) fn node_port(self) -> Self {
        let number = self.number_port();
        let mut typed = self.with("type", "NodePort");
        for port in typed.spec["ports"].as_array_mut().unwrap() {
            port["nodePort"] = json!(number);
        }
        typed
    }

    /// Of type `LoadBalancer`.
    pub(crate) fn load_balancer(self) -> Self {
        let ingress = self.addresses(Reach::LoadBalancer);
        let ingress = ingress.map(|address| json!({ "ip": address, "ipMode": "VIP" }));
        let mut typed = self.node_port().with("type", "LoadBalancer");
        typed.status = json!({ "loadBalancer": { "ingress": ingress } });
        typed
    }

    /// Each client stays with its backend.
    pub(crate) fn affinity(self) -> Self {
        self.with("sessionAffinity", "ClientIP")
    }

    /// Traffic from outside stays on the node and keeps its sender's address.
    pub(crate) fn local(self) -> Self {
        self.with("externalTrafficPolicy", "Local")
    }

    /// Traffic from inside stays on the node.
    pub(crate) fn inside_local(self) -> Self {
        self.with("internalTrafficPolicy", "Local")
    }

    /// What to ask for to reach it.
    pub(crate) fn at(&self, reach: Reach, transport: Transport, family: IpFamily) -> Target {
        let port = match reach {
            Reach::NodePort => self.number_port(),
            _ => SERVICE_PORT,
        };
        let address = SocketAddr::new(self.address(reach, family), port);
        Target::Port(transport, address)
    }

    fn number_port(&self) -> u16 {
        30000 + self.number
    }

    fn addresses(&self, reach: Reach) -> [IpAddr; 2] {
        IpFamily::ALL.map(|family| self.address(reach, family))
    }

    fn address(&self, reach: Reach, family: IpFamily) -> IpAddr {
        let number = self.number;
        let [high, low] = number.to_be_bytes();
        let v4 = |a, b, c| IpAddr::from(Ipv4Addr::new(a, b, c + high, low));
        let v6 = |a, b, c| IpAddr::from(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, number));
        match (reach, family) {
            (Reach::NodePort, _) => Node::A.address(family),
            (Reach::ClusterIp, IpFamily::V4) => v4(10, 96, 0),
            (Reach::ClusterIp, IpFamily::V6) => v6(0xfd00, 0x96, 0),
            (Reach::ExternalIp, IpFamily::V4) => v4(203, 0, 113),
            (Reach::ExternalIp, IpFamily::V6) => v6(0x2001, 0xdb8, 203),
            (Reach::LoadBalancer, IpFamily::V4) => v4(198, 51, 100),
            (Reach::LoadBalancer, IpFamily::V6) => v6(0x2001, 0xdb8, 198),
        }
    }

    /// The objects that the API server would have, as JSON.
    pub(super) fn objects(&self, bed: &Bed) -> Vec<Value> {
        let service = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": { "name": self.name, "namespace": "default" },
            "spec": self.spec,
            "status": self.status,
        });
        let slices = IpFamily::ALL.map(|family| self.slice(bed, family));
        [service].into_iter().chain(slices).collect()
    }

    fn slice(&self, bed: &Bed, family: IpFamily) -> Value {
        let (word, address_type) = match family {
            IpFamily::V4 => ("ipv4", "IPv4"),
            IpFamily::V6 => ("ipv6", "IPv6"),
        };
        let port = |transport: &Transport| {
            let name = port_name(*transport);
            json!({ "name": name, "port": POD_PORT, "protocol": protocol(*transport) })
        };
        let ports: Vec<Value> = self.transports.iter().map(port).collect();
        let endpoints: Vec<Value> = self
            .pods
            .iter()
            .map(|(name, condition)| {
                let pod = bed.known(name);
                json!({
                    "addresses": [pod.address(family)],
                    "conditions": condition.conditions(),
                    "nodeName": pod.node.name(),
                })
            })
            .collect();
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": format!("{}-{word}", self.name),
                "namespace": "default",
                "labels": { "kubernetes.io/service-name": self.name },
            },
            "addressType": address_type,
            "ports": ports,
            "endpoints": endpoints,
        })
    }
}

fn port_name(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "stream",
        Transport::Udp => "datagrams",
    }
}

fn protocol(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
    }
}
