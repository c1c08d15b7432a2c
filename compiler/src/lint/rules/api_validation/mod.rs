//! PTL043: what the API server refuses and no rule depends on. What the model meets on its way to the
//! rules is told there; here is the rest.
//!
//! Source: `ValidateService` of `pkg/apis/core/validation`, `ValidateEndpointSlice` of
//! `pkg/apis/discovery/validation`, and `pkg/util/validation` of apimachinery for names.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::super::subject::Subject;
use super::annotation;
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::address::parse_net;
use crate::model::api_names::{is_label_value, is_port_name, is_qualified, is_subdomain};
use crate::source::{FieldPath, ObjectId};

const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// Endpoints and ports that a slice may have.
const ENDPOINTS: usize = 1000;
const PORTS: usize = 100;

pub(super) fn services(subject: &Subject<'_>, findings: &mut Findings) {
    for located in &subject.own.services {
        let mut object = Object {
            id: located.object,
            findings: &mut *findings,
        };
        let meta = &located.value.metadata;
        object.labels(&["metadata", "labels"], meta.labels.as_ref());
        object.keys(&["metadata", "annotations"], meta.annotations.as_ref());
        object.service(&located.value);
    }
}

pub(super) fn slices(subject: &Subject<'_>, findings: &mut Findings) {
    for located in &subject.own.slices {
        let mut object = Object {
            id: located.object,
            findings: &mut *findings,
        };
        let slice = &located.value;
        object.labels(&["metadata", "labels"], Some(&slice.labels));
        for (at, port) in slice.ports.iter().enumerate() {
            let path = || path(&["ports"]).index(at);
            object.protocol_name(port.app_protocol.as_deref(), path());
        }
        if slice.endpoints.len() > ENDPOINTS {
            let message = format!("{} endpoints in one slice", slice.endpoints.len());
            object.refuse(
                path(&["endpoints"]),
                message,
                "put at most 1000 into one slice",
            );
        }
        if slice.ports.len() > PORTS {
            let message = format!("{} ports in one slice", slice.ports.len());
            object.refuse(path(&["ports"]), message, "give a slice at most 100 ports");
        }
        if slice.address_type != "FQDN" {
            continue;
        }
        for (at, endpoint) in slice.endpoints.iter().enumerate() {
            let address = endpoint.address.as_deref().unwrap_or_default();
            if !is_subdomain(address) {
                let path = path(&["endpoints"]).index(at).key("addresses").index(0);
                let message = format!("{address:?} is no domain name");
                object.refuse(path, message, "write a name such as www.example.com");
            }
        }
    }
}

/// Where findings about an object go.
struct Object<'f> {
    id: ObjectId,
    findings: &'f mut Findings,
}

impl Object<'_> {
    fn refuse(&mut self, path: FieldPath, message: impl Into<String>, help: &str) {
        let place = Place::Field(self.id, path);
        self.findings
            .push(Finding::error(Code::ApiRefuses, place, message).help(help));
    }

    fn service(&mut self, service: &Service) {
        let default = ServiceSpec::default();
        let body = service.spec.as_ref().unwrap_or(&default);
        let kind = body
            .type_
            .as_deref()
            .filter(|kind| !kind.is_empty())
            .unwrap_or("ClusterIP");
        self.fields_of_others(body, kind);
        self.addresses(body, kind);
        self.labels(&["spec", "selector"], body.selector.as_ref());
        for (at, port) in body.ports.iter().flatten().enumerate() {
            self.port(port, path(&["spec", "ports"]).index(at));
        }
        let status = service.status.as_ref();
        let balancer = status.and_then(|status| status.load_balancer.as_ref());
        let ingress = balancer.and_then(|balancer| balancer.ingress.as_deref());
        if kind != "LoadBalancer" && ingress.is_some_and(|ingress| !ingress.is_empty()) {
            self.refuse(
                path(&["status", "loadBalancer"]),
                format!("addresses of a load balancer on type {kind}"),
                "remove them: no load balancer is asked for",
            );
        }
        let ranges = annotation(&service.metadata, SOURCE_RANGES).unwrap_or_default();
        if kind == "LoadBalancer" && body.load_balancer_source_ranges.is_none() {
            for range in ranges.split(',').map(str::trim) {
                if !ranges.trim().is_empty() && parse_net(range).is_err() {
                    self.refuse(
                        path(&["metadata", "annotations", SOURCE_RANGES]),
                        format!("{range:?} is not an address range in CIDR notation"),
                        "write ranges such as 10.0.0.0/8, with commas between them",
                    );
                }
            }
        }
    }

    /// Fields that belong to Services of another type, or with other settings.
    fn fields_of_others(&mut self, body: &ServiceSpec, kind: &str) {
        let filled =
            |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        let balanced = kind == "LoadBalancer";
        let reachable =
            balanced || kind == "NodePort" || (kind == "ClusterIP" && filled(&body.external_ips));
        let policy = body.external_traffic_policy.as_deref().unwrap_or_default();
        let health_port = body.health_check_node_port.unwrap_or_default();
        let affine = body.session_affinity.as_deref() == Some("ClientIP");
        let only_balancers = "it is for type LoadBalancer only";
        let only_local = "it is for type LoadBalancer with externalTrafficPolicy Local only";
        let misplaced = [
            (
                "externalTrafficPolicy",
                !policy.is_empty() && !reachable,
                "it is for types NodePort and LoadBalancer, and for Services with externalIPs",
            ),
            (
                "loadBalancerSourceRanges",
                filled(&body.load_balancer_source_ranges) && !balanced,
                only_balancers,
            ),
            (
                "loadBalancerClass",
                body.load_balancer_class.is_some() && !balanced,
                only_balancers,
            ),
            (
                "allocateLoadBalancerNodePorts",
                body.allocate_load_balancer_node_ports.is_some() && !balanced,
                only_balancers,
            ),
            (
                "healthCheckNodePort",
                health_port != 0 && !(balanced && policy == "Local"),
                only_local,
            ),
            (
                "sessionAffinityConfig",
                body.session_affinity_config.is_some() && !affine,
                "it is for sessionAffinity ClientIP only",
            ),
        ];
        for (field, is_misplaced, why) in misplaced {
            if is_misplaced {
                self.refuse(
                    path(&["spec"]).key(field),
                    format!("{field} does not belong here: {why}"),
                    "remove the field, or give the Service what it is for",
                );
            }
        }
        let class = body.load_balancer_class.as_deref();
        if let Some(class) = class.filter(|class| !is_qualified(class)) {
            self.refuse(
                path(&["spec", "loadBalancerClass"]),
                format!("{class:?} is no class of load balancers"),
                "write a name such as example.com/internal",
            );
        }
    }

    fn addresses(&mut self, body: &ServiceSpec, kind: &str) {
        let none = Vec::new();
        let ips = body.cluster_ips.as_ref().unwrap_or(&none);
        let single = body.cluster_ip.as_deref().unwrap_or_default();
        let first = ips.first().map(String::as_str);
        let headless = single == "None" || first == Some("None");
        let has_ports = body.ports.as_ref().is_some_and(|ports| !ports.is_empty());
        if !has_ports && !headless && kind != "ExternalName" {
            self.refuse(
                path(&["spec"]),
                "a Service without ports",
                "give it ports, or make it headless with clusterIP: None",
            );
        }
        if headless && matches!(kind, "NodePort" | "LoadBalancer") {
            self.refuse(
                path(&["spec", "clusterIP"]),
                format!("a Service of type {kind} cannot be headless"),
                "remove clusterIP, or make it one of type ClusterIP",
            );
        }
        if kind == "ExternalName" {
            if first.is_some() || !single.is_empty() {
                self.refuse(
                    path(&["spec", "clusterIP"]),
                    "a Service of type ExternalName has no cluster IP",
                    "remove it",
                );
            }
            let name = body.external_name.as_deref().unwrap_or_default();
            if !is_subdomain(name.strip_suffix('.').unwrap_or(name)) {
                self.refuse(
                    path(&["spec", "externalName"]),
                    format!("externalName {name:?} is no domain name"),
                    "write a name such as www.example.com",
                );
            }
        }
        let families = body.ip_families.as_ref().unwrap_or(&none);
        if families.len() > 2 || families.first() == families.get(1) && families.len() > 1 {
            self.refuse(
                path(&["spec", "ipFamilies"]),
                "ipFamilies lists a family twice",
                "list IPv4 and IPv6 at most once each",
            );
        }
        let single_stack = body.ip_family_policy.as_deref() == Some("SingleStack");
        if single_stack && (families.len() > 1 || ips.len() > 1) {
            self.refuse(
                path(&["spec", "ipFamilyPolicy"]),
                "ipFamilyPolicy SingleStack with two families",
                "keep one family, or make it PreferDualStack",
            );
        }
    }

    fn port(&mut self, port: &ServicePort, at: FieldPath) {
        if let Some(IntOrString::String(name)) = &port.target_port
            && !is_port_name(name)
        {
            self.refuse(
                at.clone().key("targetPort"),
                format!("targetPort {name:?} is no name of a port"),
                "write a number, or the name of a container's port: at most 15 of a-z, 0-9 and -",
            );
        }
        self.protocol_name(port.app_protocol.as_deref(), at);
    }

    fn protocol_name(&mut self, name: Option<&str>, at: FieldPath) {
        if let Some(name) = name.filter(|name| !is_qualified(name)) {
            self.refuse(
                at.key("appProtocol"),
                format!("appProtocol {name:?} is no name of a protocol"),
                "write a name such as https or example.com/protocol",
            );
        }
    }

    fn labels(&mut self, at: &[&'static str], labels: Option<&BTreeMap<String, String>>) {
        self.keys(at, labels);
        for (key, value) in labels.into_iter().flatten() {
            if !is_label_value(value) {
                self.refuse(
                    path(at).key(key.clone()),
                    format!("{value:?} cannot be the value of a label"),
                    "use at most 63 letters, digits, -, _ and ., with a letter or digit at both ends",
                );
            }
        }
    }

    fn keys(&mut self, at: &[&'static str], entries: Option<&BTreeMap<String, String>>) {
        for key in entries.into_iter().flatten().map(|(key, _)| key) {
            // Annotations may have capitals before the slash.
            if !is_qualified(&key.to_ascii_lowercase()) {
                self.refuse(
                    path(at).key(key.clone()),
                    format!("{key:?} cannot be a key here"),
                    "write a name, or one with a domain before it as in example.com/name",
                );
            }
        }
    }
}

fn path(keys: &[&'static str]) -> FieldPath {
    keys.iter()
        .fold(FieldPath::root(), |path, key| path.key(*key))
}
