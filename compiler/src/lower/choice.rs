//! Which endpoints a node uses for a service port (`pkg/proxy/topology.go`, `CategorizeEndpoints`).

use super::frontends;
use super::gather::GatheredPort;
use super::node::NodeView;
use super::pools;
use crate::diag::{Code, Finding, Findings};
use crate::ir::{
    Affinity, Endpoint, EndpointLocation, FrontendKind, LocalPolicy, Pools, ServicePort,
};
use crate::model::Cluster;
use crate::model::profile::Profile;
use crate::model::service::TrafficPolicy;
use crate::model::slice::{self, EndpointState};

pub(super) fn service_port(
    cluster: &Cluster,
    gathered: &GatheredPort,
    node: &NodeView,
    profile: Profile,
) -> (ServicePort, Findings) {
    let mut findings = Findings::default();
    let service = &cluster.services[gathered.service as usize];
    let port = &service.ports[gathered.port as usize];
    let family = gathered.key.family;
    let frontends = frontends::frontends(service, port, family, node, profile, &mut findings);
    let at = node.standpoint();
    let chosen = pools::once_each(cluster, gathered, at, profile);
    let endpoints: Vec<Endpoint> = chosen
        .iter()
        .map(|candidate| {
            let (_, endpoint) = candidate.resolve(cluster);
            Endpoint {
                address: candidate.address,
                port: candidate.port,
                state: candidate.state,
                location: if at.has(endpoint) {
                    EndpointLocation::Local
                } else {
                    EndpointLocation::Remote
                },
                origin: candidate.origin(cluster),
            }
        })
        .collect();

    let external = frontends
        .iter()
        .any(|f| !matches!(f.kind, FrontendKind::ClusterIp(_)));
    let internal_local = service.internal_policy == TrafficPolicy::Local;
    let uses_cluster = !internal_local || external;
    let uses_local = internal_local || (external && service.external_policy_local());
    let mut pools = Pools::default();
    if uses_cluster {
        pools.cluster = pools::cluster(cluster, service, &chosen, at, profile).1;
    }
    if uses_local {
        pools.local = pools::local(cluster, &chosen, at);
        pools.local_policy = LocalPolicy::Used;
    }
    let affinity = match service.affinity {
        None => Affinity::None,
        Some(timeout) => Affinity::ClientIp { timeout },
    };
    let service_port = ServicePort {
        key: gathered.key.clone(),
        object: service.object,
        origin: port.origin,
        affinity,
        frontends,
        endpoints,
        pools,
        health_check_node_port: service.health_check_node_port,
    };
    report(&service_port, &mut findings);
    if uses_cluster && service_port.pools.cluster.is_empty() {
        findings.push(unserved(cluster, &service_port));
    }
    (service_port, findings)
}

fn report(port: &ServicePort, findings: &mut Findings) {
    let draining = port
        .pool(&port.pools.cluster)
        .map(|endpoint| endpoint.state)
        .any(|state| state == EndpointState::Draining);
    if draining {
        findings.push(
            Finding::warning(
                Code::TerminatingOnly,
                port.origin,
                format!(
                    "{} has only terminating endpoints; they are used until they are gone",
                    port.key
                ),
            )
            .help("check why no endpoint is ready"),
        );
    } else if port
        .pool(&port.pools.local)
        .any(|endpoint| endpoint.state == EndpointState::Draining)
    {
        findings.push(
            Finding::warning(
                Code::TerminatingOnly,
                port.origin,
                format!(
                    "{} has only terminating endpoints on the node; traffic policy Local uses them until they are gone",
                    port.key
                ),
            )
            .help("check why no endpoint on the node is ready"),
        );
    }
}

/// Why a service port has no endpoint to use.
fn unserved(cluster: &Cluster, port: &ServicePort) -> Finding {
    let (key, family) = (&port.key, port.key.family);
    let slices = || {
        let of_service = cluster.slices_of(&key.service);
        let slices = cluster.slices[of_service].iter();
        slices.filter(|slice| !slice.endpoints.is_empty())
    };
    let of_family = || slices().filter(|slice| slice.family == family);
    let has_port = |slice: &slice::Slice| {
        let mut ports = slice.ports.iter();
        ports.any(|other| other.name == key.port && other.protocol == key.protocol)
    };
    let (code, why, help) = if slices().next().is_some() && of_family().next().is_none() {
        (
            Code::FamilyUnserved,
            format!("has no {family} endpoint, only ones of the other family"),
            "run its pods with addresses of both families, or make the Service single-stack",
        )
    } else if of_family().next().is_some() && !of_family().any(has_port) {
        (
            Code::PortMismatch,
            format!("has {family} endpoints, and none of their slices has this port"),
            "give the port the name and protocol of the slices', and check that the pods have a named targetPort",
        )
    } else {
        (
            Code::NoEndpoints,
            format!("has no usable {family} endpoint"),
            "check the Service's selector and the readiness of its pods",
        )
    };
    let message = format!("{key} {why}: connections are refused");
    Finding::warning(code, port.origin, message).help(help)
}
