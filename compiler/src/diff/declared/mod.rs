//! What manifests declare of Services, after defaults, whether a node serves it already or not.
//!
//! Manifests from Git hold neither cluster IPs nor endpoints: what changes about them shows in what they
//! declare first.

mod between;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::model::name::{Namespace, PortName};
use crate::model::pod::Workload;
use crate::model::selector::{FamilyPolicy, Hinting, NotReady, Selector, TargetPort};
use crate::model::service::{NodePorts, ServiceKey, ServiceType, Skipped, TrafficPolicy};
use crate::model::workload::PodTemplate;
use crate::model::{Cluster, IpFamily, Port, Protocol, Service};
use crate::source::ObjectId;

pub(in crate::diff) use between::between;
pub use between::{Aspect, Declared};

/// What the manifests of one side declare, by Service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declarations {
    services: BTreeMap<ServiceKey, Declaration>,
    /// Ranges that cluster IPs come from.
    ranges: Vec<IpNet>,
}

/// What manifests declare of one Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diff) struct Declaration {
    pub(in crate::diff) service_type: ServiceType,
    /// Why kube-proxy passes it by.
    pub(in crate::diff) skipped: Option<Skipped>,
    pub(in crate::diff) ports: Vec<DeclaredPort>,
    pub(in crate::diff) selector: Option<Selector>,
    pub(in crate::diff) internal_policy: TrafficPolicy,
    pub(in crate::diff) external_policy: TrafficPolicy,
    pub(in crate::diff) affinity: Option<u32>,
    pub(in crate::diff) source_ranges: BTreeSet<IpNet>,
    pub(in crate::diff) external_ips: BTreeSet<IpAddr>,
    pub(in crate::diff) class: Option<Box<str>>,
    pub(in crate::diff) families: Vec<IpFamily>,
    pub(in crate::diff) family_policy: Option<FamilyPolicy>,
    pub(in crate::diff) external_name: Option<Box<str>>,
    pub(in crate::diff) load_balancer_ip: Option<Box<str>>,
    pub(in crate::diff) hinting: Hinting,
    pub(in crate::diff) not_ready: NotReady,
    pub(in crate::diff) node_ports: NodePorts,
    pub(in crate::diff) health_check_node_port: Option<Port>,
    /// Who stands behind it; `None` where nothing says.
    pub(in crate::diff) endpoints: Option<Backing>,
}

/// A port as it is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::diff) struct DeclaredPort {
    pub(in crate::diff) name: PortName,
    pub(in crate::diff) protocol: Protocol,
    pub(in crate::diff) port: Port,
    pub(in crate::diff) target: TargetPort,
    pub(in crate::diff) node_port: Option<Port>,
}

/// Who stands behind a Service, for all nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::diff) struct Backing {
    pub(in crate::diff) endpoints: BTreeSet<SocketAddr>,
    /// What makes the Pods, as far as it is known: `Deployment shop/cart`.
    pub(in crate::diff) workloads: BTreeSet<Box<str>>,
    /// Workloads whose Pods it will choose, and that have none yet: `Deployment shop/cart (3 replicas)`.
    pub(in crate::diff) to_come: BTreeSet<Box<str>>,
}

impl Declarations {
    /// What a cluster's manifests declare.
    pub fn of(cluster: &Cluster) -> Self {
        let pods: BTreeMap<ObjectId, &Workload> = cluster
            .pods
            .iter()
            .filter_map(|pod| Some((pod.object, pod.workload.as_ref()?)))
            .collect();
        let has_nodes = cluster.knows_nodes_of_pods();
        let knows = |service: &Service| {
            let has_slices = !cluster.slices_of(&service.key).is_empty();
            let known = match service.selector {
                Some(_) => has_nodes && cluster.knows_pods_of(&service.key.namespace),
                None => !cluster.slices.is_empty(),
            };
            has_slices || known
        };
        let placed: BTreeSet<(&Namespace, &Workload)> = cluster
            .pods
            .iter()
            .filter_map(|pod| Some((&pod.namespace, pod.workload.as_ref()?)))
            .collect();
        let waiting = cluster.workloads.iter();
        let waiting = waiting.filter(|one| !placed.contains(&(&one.namespace, &one.workload)));
        let waiting: Vec<&PodTemplate> = waiting.collect();
        let declaration = |service: &Service| {
            let mut backing = backing(service, cluster, &pods);
            backing.to_come = to_come(service, &waiting);
            let backing = (knows(service) || !backing.to_come.is_empty()).then_some(backing);
            (service.key.clone(), Declaration::of(service, backing))
        };
        Self {
            services: cluster.services.iter().map(declaration).collect(),
            ranges: cluster.service_ranges.clone(),
        }
    }

    /// The same, with what others declare of their Services.
    pub(crate) fn updated(mut self, others: Self) -> Self {
        self.services.extend(others.services);
        self
    }

    /// The Services, sorted.
    pub fn services(&self) -> impl Iterator<Item = &ServiceKey> {
        self.services.keys()
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    pub(in crate::diff) fn of_service(&self, key: &ServiceKey) -> Option<&Declaration> {
        self.services.get(key)
    }

    pub(in crate::diff) fn ranges(&self) -> &[IpNet] {
        &self.ranges
    }

    /// Services that both sides declare, and that are served on one side alone, since the other does not
    /// know their addresses: what is served says nothing about a change of theirs.
    pub fn half_served(old: &Self, new: &Self) -> BTreeSet<ServiceKey> {
        let half = old.services.iter().filter(|(key, was)| {
            let is = new.services.get(*key);
            is.is_some_and(|is| was.is_served() != is.is_served() && (was.waits() || is.waits()))
        });
        half.map(|(key, _)| key.clone()).collect()
    }
}

impl Declaration {
    fn of(service: &Service, endpoints: Option<Backing>) -> Self {
        let port = |port: &crate::model::service::ServicePort| DeclaredPort {
            name: port.name.clone(),
            protocol: port.protocol,
            port: port.port,
            target: port.target.clone(),
            node_port: port.node_port.map(|port| port.value),
        };
        Self {
            service_type: service.service_type,
            skipped: service.skipped,
            ports: service.ports.iter().map(port).collect(),
            selector: service.selector.clone(),
            internal_policy: service.internal_policy,
            external_policy: service.external_policy,
            affinity: service.affinity,
            source_ranges: service.source_ranges.iter().map(|one| one.value).collect(),
            external_ips: service.external_ips.iter().map(|one| one.value).collect(),
            class: service.class.clone(),
            families: service.families.clone(),
            family_policy: service.family_policy,
            external_name: service.external_name.clone(),
            load_balancer_ip: service.load_balancer_ip.clone(),
            hinting: service.hinting,
            not_ready: service.not_ready,
            node_ports: service.node_ports,
            health_check_node_port: service.health_check_node_port.map(|port| port.value),
            endpoints,
        }
    }

    /// The same with nothing asked for that has a default.
    pub(in crate::diff) fn plain(&self) -> Self {
        let wants_node_ports = matches!(
            self.service_type,
            ServiceType::NodePort | ServiceType::LoadBalancer
        );
        Self {
            internal_policy: TrafficPolicy::Cluster,
            external_policy: TrafficPolicy::Cluster,
            affinity: None,
            class: None,
            families: Vec::new(),
            family_policy: None,
            load_balancer_ip: None,
            hinting: Hinting::None,
            not_ready: NotReady::Withheld,
            node_ports: if wants_node_ports {
                NodePorts::Wanted
            } else {
                NodePorts::NotWanted
            },
            health_check_node_port: None,
            ..self.clone()
        }
    }

    /// Whether nodes serve it.
    pub(in crate::diff) fn is_served(&self) -> bool {
        self.skipped.is_none()
    }

    /// Whether nodes will serve it, once the cluster has given it an address.
    pub(in crate::diff) fn waits(&self) -> bool {
        self.skipped == Some(Skipped::NotAllocated)
    }
}

/// The workloads that a Service waits for: of its namespace, sorted as the cluster's are.
fn to_come(service: &Service, waiting: &[&PodTemplate]) -> BTreeSet<Box<str>> {
    let Some(selector) = &service.selector else {
        return BTreeSet::new();
    };
    let namespace = &service.key.namespace;
    let start = waiting.partition_point(|one| one.namespace < *namespace);
    let own = waiting[start..].iter();
    let own = own.take_while(|one| one.namespace == *namespace);
    own.filter(|one| selector.chooses(&one.labels))
        .map(|one| one.to_string().into())
        .collect()
}

fn backing(service: &Service, cluster: &Cluster, pods: &BTreeMap<ObjectId, &Workload>) -> Backing {
    let mut backing = Backing::default();
    let ports: BTreeSet<_> = service
        .ports
        .iter()
        .map(|port| (&port.name, port.protocol))
        .collect();
    for slice in &cluster.slices[cluster.slices_of(&service.key)] {
        for endpoint in slice.endpoints.iter().filter(|one| one.state.serves()) {
            let reached = slice
                .ports
                .iter()
                .filter(|port| ports.contains(&(&port.name, port.protocol)));
            let sockets = reached.map(|port| SocketAddr::new(endpoint.address, port.port.get()));
            backing.endpoints.extend(sockets);
            // A headless Service may have no ports, and DNS answers all the same.
            if service.ports.is_empty() {
                backing
                    .endpoints
                    .insert(SocketAddr::new(endpoint.address, 0));
            }
            let workload = pods.get(&endpoint.origin.object);
            let namespace = &service.key.namespace;
            let named = |one: &&Workload| format!("{} {namespace}/{}", one.kind, one.name).into();
            backing.workloads.extend(workload.map(named));
        }
    }
    backing
}
