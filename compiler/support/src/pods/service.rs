//! What a Service says, for who makes up its Pods.

use serde_json::{Value, json};

/// The label that chooses the Pods of a Service, and its value for one of a number.
pub(super) const LABEL: &str = "made-for";

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServicePort {
    pub(super) name: String,
    pub(super) protocol: String,
}

/// What a Service does with addresses that are not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotReady {
    Withheld,
    Published,
}

impl NotReady {
    pub(super) fn of(service: &Value) -> Self {
        if service["spec"]["publishNotReadyAddresses"] == true {
            Self::Published
        } else {
            Self::Withheld
        }
    }
}

pub(super) fn label(number: usize) -> String {
    format!("service-{number}")
}

/// The ports of a Service, in its order.
pub(super) fn ports(service: &Value) -> Vec<ServicePort> {
    let ports = service["spec"]["ports"].as_array().into_iter().flatten();
    let ports = ports.map(|port| ServicePort {
        name: port["name"].as_str().unwrap_or_default().to_owned(),
        protocol: port["protocol"].as_str().unwrap_or("TCP").to_owned(),
    });
    ports.collect()
}

/// Makes a Service choose the Pods that are made for it.
pub(super) fn choose(service: &mut Value, number: usize) {
    service["spec"]["selector"] = json!({LABEL: label(number)});
}

/// Whether a Service has endpoints of a family (`IPv4`, `IPv6`): those that it says, those of its
/// addresses, or, without a cluster IP for good, all.
pub(super) fn has_family(service: &Value, family: &str) -> bool {
    let spec = &service["spec"];
    if let Some(families) = spec["ipFamilies"].as_array() {
        return families.iter().any(|one| one == family);
    }
    match spec["clusterIP"].as_str() {
        Some("None") => true,
        Some(ip) => ip.contains(':') == (family == "IPv6"),
        None => unreachable!("families are set where there is no address"),
    }
}
