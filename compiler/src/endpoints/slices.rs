//! The slices of one Service: its Pods by the ports that they have for it.

use std::collections::BTreeMap;

use k8s_openapi::api::discovery::v1::EndpointConditions;

use super::hints::{self, Given};
use super::node_of;
use super::report::Report;
use crate::model::pod::{ContainerPort, Phase, Pod, Readiness};
use crate::model::selector::{NotReady, TargetPort};
use crate::model::service::{Service, ServicePort, Skipped, Sourced};
use crate::model::slice::{Endpoint, EndpointState, Slice, SlicePort, Termination};
use crate::model::{Cluster, IpFamily, Port, Profile};

/// What the controller makes of the Pods that a Service chooses.
pub(super) fn make(
    service: &Service,
    chosen: &[&Pod],
    cluster: &Cluster,
    profile: Profile,
    report: &mut Report,
) -> Vec<Slice> {
    let given = hints::given(service.hinting, profile);
    let families = families(service);
    let mut by_ports: BTreeMap<(Vec<Option<Port>>, IpFamily), Vec<Endpoint>> = BTreeMap::new();
    for pod in chosen.iter().filter(|pod| pod.phase == Phase::Alive) {
        if pod.addresses.is_empty() {
            continue;
        }
        if node_of(pod, cluster).is_none() && service.not_ready == NotReady::Withheld {
            report.without_node(service, pod);
            continue;
        }
        let ports: Vec<Option<Port>> = service
            .ports
            .iter()
            .map(|port| reached_at(port, pod, profile))
            .collect();
        for family in &families {
            let of_family = |ip: &&Sourced<_>| IpFamily::of(ip.value) == *family;
            // kube-proxy reads an endpoint's first address.
            if let Some(address) = pod.addresses.iter().find(of_family) {
                let endpoint = endpoint(service, pod, address, given, cluster);
                let alike = by_ports.entry((ports.clone(), *family)).or_default();
                alike.push(endpoint);
            }
        }
    }
    let slices = by_ports
        .into_iter()
        .map(|((ports, family), endpoints)| Slice {
            object: service.object,
            name: service.key.name.as_str().into(),
            service: service.key.clone(),
            family,
            ports: slice_ports(service, &ports),
            endpoints,
        });
    slices.collect()
}

/// The families of a Service's slices (`getAddressTypesForService`).
fn families(service: &Service) -> Vec<IpFamily> {
    let mut families = service.families.clone();
    if families.is_empty() {
        let ips = service.cluster_ips.iter();
        families = ips.map(|ip| IpFamily::of(ip.value)).collect();
    }
    if families.is_empty() {
        return match service.skipped {
            // The cluster gives it an address of its first family.
            Some(Skipped::NotAllocated) | None => vec![IpFamily::V4],
            Some(Skipped::Headless | Skipped::ExternalName | Skipped::OtherProxy) => {
                IpFamily::ALL.to_vec()
            }
        };
    }
    families.sort_unstable();
    families.dedup();
    families
}

/// Where a Pod is reached for a port of a Service (`FindPort`); nowhere if it has no port of that name.
fn reached_at(port: &ServicePort, pod: &Pod, profile: Profile) -> Option<Port> {
    match &port.target {
        TargetPort::Number(number) => Some(*number),
        TargetPort::Name(name) => {
            let found = |one: &&ContainerPort| one.is_found(profile.sidecar_ports);
            let mut declared = pod.ports.iter().filter(found);
            let found = declared.find(|one| one.name == *name && one.protocol == port.protocol);
            found.map(|one| one.port)
        }
    }
}

fn slice_ports(service: &Service, reached_at: &[Option<Port>]) -> Vec<SlicePort> {
    let ports = service.ports.iter().zip(reached_at);
    let ports = ports.filter_map(|(port, reached_at)| {
        Some(SlicePort {
            name: port.name.clone(),
            protocol: port.protocol,
            port: (*reached_at)?,
        })
    });
    ports.collect()
}

fn endpoint(
    service: &Service,
    pod: &Pod,
    address: &Sourced<std::net::IpAddr>,
    given: Given,
    cluster: &Cluster,
) -> Endpoint {
    let serving = pod.readiness == Readiness::Ready;
    let terminating = pod.termination == Termination::Terminating;
    let ready = service.not_ready == NotReady::Published || (serving && !terminating);
    let conditions = EndpointConditions {
        ready: Some(ready),
        serving: Some(serving),
        terminating: Some(terminating),
    };
    let name = pod.node.as_ref();
    let mut endpoint = Endpoint {
        address: address.value,
        node: name.and_then(|name| cluster.places.node(name.as_str())),
        state: EndpointState::of(&conditions),
        termination: pod.termination,
        zone_hints: None,
        node_hints: None,
        origin: address.origin,
    };
    let node = name.and_then(|name| cluster.node(name));
    given.write(&mut endpoint, node, cluster);
    endpoint
}
