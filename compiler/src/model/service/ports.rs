//! The ports of a Service.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ServicePort as Manifest;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{ServicePort, Sourced};
use crate::diag::{Code, Finding};
use crate::model::base::Allocation;
use crate::model::check::Check;
use crate::model::name::PortName;
use crate::model::selector::TargetPort;
use crate::model::{Port, Protocol};
use crate::source::{Field, Origin};

/// Checks ports and completes their defaults.
pub(super) fn ports(
    check: &mut Check,
    allocation: &Allocation,
    manifests: Vec<Manifest>,
) -> Vec<ServicePort> {
    let alone = manifests.len() == 1;
    let mut ports: Vec<ServicePort> = Vec::with_capacity(manifests.len());
    let mut names: BTreeMap<PortName, Origin> = BTreeMap::new();
    let mut numbers: BTreeMap<(Port, Protocol), Origin> = BTreeMap::new();
    for (manifest, i) in manifests.into_iter().zip(0u32..) {
        let path = || Field::Port(i).path();
        let protocol = check.protocol(
            manifest.protocol.as_deref(),
            check.at(path().key("protocol")),
        );
        let port = check.port(manifest.port, check.at(path().key("port")));
        let target = match manifest.target_port {
            Some(IntOrString::String(name)) if !name.is_empty() => {
                Some(TargetPort::Name(name.into()))
            }
            // No rule depends on it where slices say the endpoints' ports.
            Some(IntOrString::Int(number)) => {
                let place = check.at(path().key("targetPort"));
                let number = check.inert(|check| check.optional_port(Some(number), place));
                number.map(TargetPort::Number)
            }
            Some(IntOrString::String(_)) | None => None,
        };
        let (object, index) = allocation.node_port(i);
        let field = Field::NodePort(index);
        let origin = Origin { object, field };
        let node_port = check
            .optional_port(manifest.node_port, origin.into())
            .map(|value| Sourced { value, origin });
        let text = manifest.name.unwrap_or_default();
        let name = check.port_name(&text, check.at(path().key("name")));
        let (Some(protocol), Some(port), Some(name)) = (protocol, port, name) else {
            continue;
        };
        if !alone && name.as_str().is_empty() {
            check.error(
                Code::Name,
                check.at(path()),
                "port has no name, and the Service has several ports".to_owned(),
                "name every port",
            );
            continue;
        }
        if let Some(&other) = names.get(&name) {
            check.findings.push(
                Finding::error(
                    Code::Name,
                    check.at(path().key("name")),
                    format!("port name {text:?} is used twice"),
                )
                .help("give every port of a Service its own name")
                .also(other, "also named so"),
            );
            continue;
        }
        if let Some(&other) = numbers.get(&(port, protocol)) {
            check.findings.push(
                Finding::error(
                    Code::AddressClaimed,
                    check.at(path().key("port")),
                    format!("port {port}/{protocol} is used twice in one Service"),
                )
                .help("use another port or protocol")
                .also(other, "also has it"),
            );
            continue;
        }
        let origin = Origin {
            object: check.object,
            field: Field::Port(i),
        };
        names.insert(name.clone(), origin);
        numbers.insert((port, protocol), origin);
        ports.push(ServicePort {
            name,
            protocol,
            port,
            node_port,
            // What the API server completes.
            target: target.unwrap_or(TargetPort::Number(port)),
            origin,
        });
    }
    ports
}
