//! Services, with the API server's defaults completed.

mod addresses;
mod ports;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use k8s_openapi::api::core::v1::{Service as Manifest, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::base::Merged;
use super::check::{Check, Target, metadata, spec};
use super::name::{Namespace, PortName, ServiceName};
use super::pod::Labels;
use super::selector::{
    ControllerInput, FamilyPolicy, Hinting, NotReady, Selector, TargetPort, TrafficDistribution,
};
use super::{IpFamily, Port, Protocol};
use crate::diag::{Code, Findings};
use crate::source::{Field, ObjectId, Origin};

use addresses::{cluster_ips, load_balancer_ips, source_ranges, warn_of_dropped};
use ports::ports;
/// Namespace and name of a Service. Ordered by namespace, then name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceKey {
    /// `metadata.namespace`; its Pods and slices are in the same one.
    pub namespace: Namespace,
    /// `metadata.name`; slices give it in the label `kubernetes.io/service-name`.
    pub name: ServiceName,
}

/// Namespace and name of the Service that the API server keeps for itself: no repository holds it.
pub(crate) const API_SERVER: (&str, &str) = ("default", "kubernetes");

impl ServiceKey {
    /// Whether it is the API server's own.
    pub(crate) fn is_api_server(&self) -> bool {
        (self.namespace.as_str(), self.name.as_str()) == API_SERVER
    }
}

impl std::fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

closed_set! {
    /// How far a Service is reachable: `spec.type`.
    pub enum ServiceType {
        /// Reachable inside the cluster.
        ClusterIp = "ClusterIP",
        /// And at a port of every node.
        NodePort = "NodePort",
        /// And through a load balancer.
        LoadBalancer = "LoadBalancer",
        /// A DNS alias; nothing to program.
        ExternalName = "ExternalName",
    }
}

closed_set! {
    /// A traffic policy.
    pub enum TrafficPolicy {
        /// Any endpoint of the cluster.
        Cluster = "Cluster",
        /// Only endpoints on the node the packet is on.
        Local = "Local",
    }
}

/// Why kube-proxy passes a Service by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    /// `clusterIP: None`, or the label `service.kubernetes.io/headless`.
    Headless,
    /// Type `ExternalName`: an alias in DNS, without addresses.
    ExternalName,
    /// Label `service.kubernetes.io/service-proxy-name`: another proxy's.
    OtherProxy,
    /// No cluster IP yet.
    NotAllocated,
}

/// Whether the annotation of topology-aware routing is there and not `Disabled` (read up to 1.32).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopologyAnnotation {
    /// Hints are to be followed.
    Enabled,
    /// Hints are to be ignored, while kube-proxy still reads the annotation.
    Absent,
}

/// Whether the cluster allocates node ports for a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodePorts {
    /// It does: type `NodePort`, or `LoadBalancer` unless `allocateLoadBalancerNodePorts` is false.
    Wanted,
    /// It does not; those that are there stay.
    NotWanted,
}

/// A value and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sourced<T> {
    /// What the field says, checked.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort {
    /// Name; unique within the Service.
    pub name: PortName,
    /// `protocol`; TCP where the manifest does not say.
    pub protocol: Protocol,
    /// Port at the cluster IP, external IPs and load balancer.
    pub port: Port,
    /// Port at the node's addresses.
    pub node_port: Option<Sourced<Port>>,
    /// Where its Pods are reached.
    pub target: TargetPort,
    /// `spec.ports[i]`: where `explain` and diagnostics about the port lead.
    pub origin: Origin,
}

/// A Service, as far as it decides about packets and endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Namespace and name.
    pub key: ServiceKey,
    /// Where the manifest of the Service stands.
    pub object: ObjectId,
    /// `metadata.labels`, by which Services are chosen to be told about; no packet depends on them.
    pub labels: Labels,
    /// `spec.type`; `ClusterIP` where the manifest does not say.
    pub service_type: ServiceType,
    /// Why it is not programmed, if it is not.
    pub skipped: Option<Skipped>,
    /// Cluster IPs, at most one for each family.
    pub cluster_ips: Vec<Sourced<IpAddr>>,
    /// Ports, in the manifest's order.
    pub ports: Vec<ServicePort>,
    /// `spec.externalIPs`, each with its field; releases differ in whether they get rules.
    pub external_ips: Vec<Sourced<IpAddr>>,
    /// Load balancer addresses that packets arrive with (`ipMode: VIP`).
    pub load_balancer_ips: Vec<Sourced<IpAddr>>,
    /// Load balancer addresses whose packets arrive with the node's own (`ipMode: Proxy`).
    pub proxied_ips: Vec<Sourced<IpAddr>>,
    /// Who may use the load balancer; empty means everyone. Host bits are cleared.
    pub source_ranges: Vec<Sourced<IpNet>>,
    /// Affinity timeout in seconds; `None` for no affinity.
    pub affinity: Option<u32>,
    /// Policy at the cluster IP.
    pub internal_policy: TrafficPolicy,
    /// Policy at external addresses.
    pub external_policy: TrafficPolicy,
    /// Whether its ports are to have node ports.
    pub node_ports: NodePorts,
    /// Port where load balancers ask whether the node has endpoints.
    pub health_check_node_port: Option<Sourced<Port>>,
    /// Annotation of topology-aware routing.
    pub topology_annotation: TopologyAnnotation,
    /// The implementation of load balancers that is to serve it.
    pub class: Option<Box<str>>,
    /// Which Pods stand behind it, unless others say who does.
    pub selector: Option<Selector>,
    /// Whether Pods that are not ready take connections.
    pub not_ready: NotReady,
    /// Families that it asks for, in its order; none where it leaves that to the cluster.
    pub families: Vec<IpFamily>,
    /// How many families it asks for; `None` where it leaves that to the default.
    pub family_policy: Option<FamilyPolicy>,
    /// What an alias stands for.
    pub external_name: Option<Box<str>>,
    /// The address that it asks a load balancer for.
    pub load_balancer_ip: Option<Box<str>>,
    /// What decides the hints of its endpoints.
    pub hinting: Hinting,
    /// What of it the controller of endpoints reads otherwise in the base, which has its endpoints.
    pub outdated: Vec<ControllerInput>,
}

impl Service {
    /// Cluster IP of a family.
    pub fn cluster_ip(&self, family: IpFamily) -> Option<Sourced<IpAddr>> {
        self.cluster_ips
            .iter()
            .copied()
            .find(|ip| IpFamily::of(ip.value) == family)
    }

    /// Whether the external policy counts and is Local (`ExternalPolicyLocal` in
    /// `pkg/api/v1/service/util.go`).
    pub fn external_policy_local(&self) -> bool {
        let accessible = match self.service_type {
            ServiceType::NodePort | ServiceType::LoadBalancer => true,
            ServiceType::ClusterIp => !self.external_ips.is_empty(),
            ServiceType::ExternalName => false,
        };
        accessible && self.external_policy == TrafficPolicy::Local
    }
}

/// Label of Services and slices that another proxy serves.
pub(crate) const LABEL_OTHER_PROXY: &str = "service.kubernetes.io/service-proxy-name";
/// Label of headless Services and their slices.
pub(crate) const LABEL_HEADLESS: &str = "service.kubernetes.io/headless";
/// What `clusterIP` says of a Service that asks for none.
const NO_ADDRESS: &str = "None";
pub(crate) const ANNOTATION_HINTS: &str = "service.kubernetes.io/topology-aware-hints";
pub(crate) const ANNOTATION_MODE: &str = "service.kubernetes.io/topology-mode";

/// Checks a Service and completes its defaults. `None` where it cannot be used at all.
pub(super) fn service(merged: Merged) -> (Option<Service>, Findings) {
    let mut check = Check::new(merged.object);
    let service = build(&mut check, merged);
    (service, check.findings)
}

fn build(check: &mut Check, merged: Merged) -> Option<Service> {
    let key = key(check, &merged.value);
    let default = ServiceSpec::default();
    let body = merged.value.spec.as_ref().unwrap_or(&default);
    let service_type = check.choice(
        body.type_.as_deref(),
        ServiceType::ClusterIp,
        &ServiceType::ALL.map(|one| (one.as_str(), one)),
        check.at(spec("type")),
    )?;
    let skipped = passed_by(&merged.value.metadata, body, service_type);
    // Nothing is programmed for it, so nothing in it is worth a refusal.
    match skipped {
        Some(_) => check.inert(|check| body_of(check, merged, key, service_type, skipped)),
        None => body_of(check, merged, key, service_type, skipped),
    }
}

/// Why a Service is passed by, as far as that does not depend on what is in its other fields.
fn passed_by(meta: &ObjectMeta, body: &ServiceSpec, service_type: ServiceType) -> Option<Skipped> {
    let labelled = |label| {
        meta.labels
            .as_ref()
            .is_some_and(|labels| labels.contains_key(label))
    };
    let first = body.cluster_ips.as_ref().and_then(|ips| ips.first());
    let headless = body.cluster_ip.as_deref() == Some(NO_ADDRESS)
        || first.is_some_and(|first| first == NO_ADDRESS);
    if labelled(LABEL_OTHER_PROXY) {
        Some(Skipped::OtherProxy)
    } else if labelled(LABEL_HEADLESS) {
        Some(Skipped::Headless)
    } else if service_type == ServiceType::ExternalName {
        Some(Skipped::ExternalName)
    } else if headless {
        Some(Skipped::Headless)
    } else {
        None
    }
}

fn body_of(
    check: &mut Check,
    merged: Merged,
    key: Option<ServiceKey>,
    service_type: ServiceType,
    skipped: Option<Skipped>,
) -> Option<Service> {
    let Merged {
        object,
        value: manifest,
        allocation,
        outdated,
    } = merged;
    let Manifest {
        metadata: meta,
        spec: body,
        status,
    } = *manifest;
    let body = body.unwrap_or_default();
    let annotations = meta.annotations.unwrap_or_default();
    let policies = TrafficPolicy::ALL.map(|one| (one.as_str(), one));
    let internal_policy = check.choice(
        body.internal_traffic_policy.as_deref(),
        TrafficPolicy::Cluster,
        &policies,
        check.at(spec("internalTrafficPolicy")),
    );
    let external_policy = check.choice(
        body.external_traffic_policy.as_deref(),
        TrafficPolicy::Cluster,
        &policies,
        check.at(spec("externalTrafficPolicy")),
    );
    let family_policy = check.inert(|check| {
        check.choice(
            body.ip_family_policy.as_deref(),
            None,
            &FamilyPolicy::ALL.map(|one| (one.as_str(), Some(one))),
            check.at(spec("ipFamilyPolicy")),
        )
    });
    let distribution = check.inert(|check| {
        check.choice(
            body.traffic_distribution.as_deref(),
            None,
            &TrafficDistribution::ALL.map(|one| (one.as_str(), Some(one))),
            check.at(spec("trafficDistribution")),
        )
    });
    let families = body.ip_families.iter().flatten();
    let families = families.filter_map(|text| text.parse().ok()).collect();
    let affinity = affinity(
        check,
        body.session_affinity.as_deref(),
        body.session_affinity_config
            .and_then(|config| config.client_ip)
            .and_then(|client| client.timeout_seconds),
    );
    let cluster_ips = cluster_ips(
        check,
        &allocation,
        body.cluster_ip.as_deref(),
        body.cluster_ips.as_deref().unwrap_or_default(),
        body.ip_families.as_deref().unwrap_or_default(),
    );
    let ports = ports(check, &allocation, body.ports.unwrap_or_default());
    let external_ips: Vec<_> = body
        .external_ips
        .unwrap_or_default()
        .iter()
        .zip(0u32..)
        .filter_map(|(text, i)| {
            let field = Field::ExternalIps(i);
            let value = check.target(Target::ExternalIp, text, Origin { object, field })?;
            Some(Sourced {
                value,
                origin: Origin { object, field },
            })
        })
        .collect();
    let (load_balancer_ips, proxied_ips) = load_balancer_ips(
        check,
        allocation.status,
        status
            .and_then(|status| status.load_balancer)
            .and_then(|balancer| balancer.ingress)
            .unwrap_or_default(),
    );
    let texts = body.load_balancer_source_ranges.unwrap_or_default();
    // They are looked at for addresses of load balancers alone.
    let source_ranges = if load_balancer_ips.is_empty() && service_type != ServiceType::LoadBalancer
    {
        check.inert(|check| source_ranges(check, &texts))
    } else {
        source_ranges(check, &texts)
    };
    let health_object = allocation.health_check_node_port;
    let health_field = Field::HealthCheckNodePort;
    let health_place = crate::diag::Place::Field(health_object, health_field.path());
    let health_check_node_port = if service_type == ServiceType::LoadBalancer
        && external_policy == Some(TrafficPolicy::Local)
    {
        check.optional_port(body.health_check_node_port, health_place)
    } else {
        check.inert(|check| check.optional_port(body.health_check_node_port, health_place))
    }
    .map(|value| Sourced {
        value,
        origin: Origin {
            object: health_object,
            field: health_field,
        },
    });

    // The older annotation counts wherever it is there, even if it is empty.
    let topology_annotation = annotations
        .get(ANNOTATION_HINTS)
        .or_else(|| annotations.get(ANNOTATION_MODE))
        .filter(|value| !matches!(value.as_str(), "" | "disabled" | "Disabled"))
        .map_or(TopologyAnnotation::Absent, |_| TopologyAnnotation::Enabled);

    let hinting = match distribution.flatten() {
        _ if is_auto(&annotations) => Hinting::Auto,
        Some(distribution) => Hinting::Distribution(distribution),
        None => Hinting::None,
    };

    let node_ports = match service_type {
        ServiceType::NodePort => NodePorts::Wanted,
        ServiceType::LoadBalancer if body.allocate_load_balancer_node_ports != Some(false) => {
            NodePorts::Wanted
        }
        ServiceType::LoadBalancer | ServiceType::ClusterIp | ServiceType::ExternalName => {
            NodePorts::NotWanted
        }
    };
    let not_allocated = cluster_ips.is_empty().then_some(Skipped::NotAllocated);
    let skipped = skipped.or(not_allocated);
    let mut service = Service {
        key: key?,
        object,
        labels: meta.labels.unwrap_or_default(),
        service_type,
        skipped,
        cluster_ips,
        ports,
        external_ips,
        load_balancer_ips,
        proxied_ips,
        source_ranges,
        affinity: affinity.unwrap_or_default(),
        internal_policy: internal_policy.unwrap_or(TrafficPolicy::Cluster),
        external_policy: external_policy.unwrap_or(TrafficPolicy::Cluster),
        node_ports,
        health_check_node_port,
        topology_annotation,
        class: body.load_balancer_class.map(Into::into),
        selector: Selector::new(body.selector),
        not_ready: if body.publish_not_ready_addresses == Some(true) {
            NotReady::Published
        } else {
            NotReady::Withheld
        },
        families,
        family_policy: family_policy.flatten(),
        external_name: body.external_name.map(Into::into),
        load_balancer_ip: body.load_balancer_ip.map(Into::into),
        hinting,
        outdated,
    };
    if service.service_type != ServiceType::LoadBalancer || !service.external_policy_local() {
        service.health_check_node_port = None;
    }
    refuse_node_ports(check, &mut service);
    warn_of_dropped(check, &service);
    Some(service)
}

/// Whether the controller computes hints of its own (`hintsEnabled` in `k8s.io/endpointslice/utils.go`):
/// it takes less for a yes than kube-proxy does.
fn is_auto(annotations: &BTreeMap<String, String>) -> bool {
    let written = annotations
        .get(ANNOTATION_HINTS)
        .or_else(|| annotations.get(ANNOTATION_MODE));
    written.is_some_and(|value| matches!(value.as_str(), "Auto" | "auto"))
}

/// kube-proxy would serve them, whatever the type.
fn refuse_node_ports(check: &mut Check, service: &mut Service) {
    if service.service_type != ServiceType::ClusterIp {
        return;
    }
    for port in &mut service.ports {
        if let Some(node_port) = port.node_port.take() {
            check.error(
                Code::ApiRefuses,
                node_port.origin.into(),
                format!(
                    "nodePort {} on type ClusterIP: the API server refuses it, and kube-proxy would serve it",
                    node_port.value
                ),
                "remove it, or make the Service one of type NodePort",
            );
        }
    }
}

fn key(check: &mut Check, manifest: &Manifest) -> Option<ServiceKey> {
    let name = manifest.metadata.name.as_deref().unwrap_or_default();
    let name = check.name(
        "name",
        name,
        ServiceName::parse(name),
        check.at(metadata("name")),
    );
    let namespace = check.namespace(manifest.metadata.namespace.as_deref());
    Some(ServiceKey {
        namespace: namespace?,
        name: name?,
    })
}

/// The affinity timeout in seconds, if the Service asks for affinity.
///
/// # Errors
/// Nothing usable; it is reported.
fn affinity(
    check: &mut Check,
    kind: Option<&str>,
    timeout: Option<i32>,
) -> Result<Option<u32>, Reported> {
    #[derive(Clone, Copy)]
    enum Kind {
        None,
        ClientIp,
    }
    const DEFAULT: i32 = 10_800;
    const LIMIT: u32 = 86_400;
    let kinds = [("None", Kind::None), ("ClientIP", Kind::ClientIp)];
    let place = check.at(spec("sessionAffinity"));
    match check
        .choice(kind, Kind::None, &kinds, place)
        .ok_or(Reported)?
    {
        Kind::None => return Ok(None),
        Kind::ClientIp => {}
    }
    let timeout = timeout.unwrap_or(DEFAULT);
    let seconds = u32::try_from(timeout)
        .ok()
        .filter(|seconds| (1..=LIMIT).contains(seconds));
    if seconds.is_none() {
        check.error(
            Code::AffinityTimeout,
            check.at(spec("sessionAffinityConfig")
                .key("clientIP")
                .key("timeoutSeconds")),
            format!("affinity timeout of {timeout} seconds is out of range"),
            "use 1 to 86400 seconds: the kernel silently wraps longer ones",
        );
        return Err(Reported);
    }
    Ok(seconds)
}

/// A value that cannot be used, and that was reported.
#[derive(Debug, Clone, Copy)]
struct Reported;
