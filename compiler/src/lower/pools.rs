//! Which endpoints answer from a standpoint (`CategorizeEndpoints` in `pkg/proxy/topology.go`).

use std::net::SocketAddr;

use super::gather::{Candidate, GatheredPort, PortEndpoints};
use super::topology::{self, Scope, Standpoint};
use crate::model::Cluster;
use crate::model::profile::Profile;
use crate::model::service::Service;
use crate::model::slice::{Endpoint, EndpointState};

/// What a node uses of a service port, whatever its policies ask for.
#[derive(Debug)]
pub(crate) struct Reached<'c> {
    /// Who answers under policy Cluster; each as likely as the others.
    pub(crate) cluster: Vec<(SocketAddr, &'c Endpoint)>,
    /// For whom these are meant.
    pub(crate) scope: Scope,
    /// Who answers under policy Local.
    pub(crate) local: Vec<(SocketAddr, &'c Endpoint)>,
}

/// What is reached of a service port from a standpoint.
pub(crate) fn reached<'c>(
    cluster: &'c Cluster,
    port: PortEndpoints<'_>,
    at: Standpoint,
    profile: Profile,
) -> Reached<'c> {
    let (service, _) = port.service(cluster);
    let chosen = once_each(cluster, port.gathered(), at, profile);
    let resolved = |pool: Vec<u32>| {
        let pool = pool.into_iter().map(|index| chosen[index as usize]);
        let pool = pool.map(|candidate| {
            let socket = SocketAddr::new(candidate.address, candidate.port.get());
            (socket, candidate.resolve(cluster).1)
        });
        pool.collect()
    };
    let (scope, pool) = self::cluster(cluster, service, &chosen, at, profile);
    Reached {
        cluster: resolved(pool),
        scope,
        local: resolved(local(cluster, &chosen, at)),
    }
}

/// Of each address and port one endpoint: of those that are [`Alike`](super::Alike) the local one, and
/// the one whose hints name this node or its zone. kube-proxy takes the local one, else the first that
/// it happens to see; here neither the order of lists nor names of slices decide.
pub(super) fn once_each(
    cluster: &Cluster,
    gathered: &GatheredPort,
    at: Standpoint,
    profile: Profile,
) -> Vec<Candidate> {
    let alike = gathered.alike(profile.reused_addresses);
    alike
        .filter_map(|alike| {
            let mut candidates = alike.candidates();
            let first = candidates.next()?;
            // Mostly it is the only one, and is not to be looked up.
            if candidates.clone().next().is_none() {
                return Some(first);
            }
            alike.candidates().min_by_key(|candidate| {
                let endpoint = candidate.resolve(cluster).1;
                (!at.has(endpoint), topology::concern(endpoint, at))
            })
        })
        .collect()
}

/// Who answers under policy Cluster, and for whom hints leave it.
pub(super) fn cluster(
    cluster: &Cluster,
    service: &Service,
    chosen: &[Candidate],
    at: Standpoint,
    profile: Profile,
) -> (Scope, Vec<u32>) {
    let endpoints = chosen.iter().map(|candidate| candidate.resolve(cluster).1);
    let scope = topology::scope(service, endpoints.clone(), at, profile);
    let ready: Vec<u32> = endpoints
        .zip(0u32..)
        .filter(|(endpoint, _)| endpoint.state == EndpointState::Ready && scope.takes(endpoint, at))
        .map(|(_, index)| index)
        .collect();
    if ready.is_empty() {
        let draining = indices(chosen, |candidate| {
            candidate.state == EndpointState::Draining
        });
        return (scope, draining);
    }
    (scope, ready)
}

/// Who answers under policy Local.
pub(super) fn local(cluster: &Cluster, chosen: &[Candidate], at: Standpoint) -> Vec<u32> {
    let here = |state| {
        indices(chosen, move |candidate| {
            candidate.state == state && at.has(candidate.resolve(cluster).1)
        })
    };
    let ready = here(EndpointState::Ready);
    if ready.is_empty() {
        here(EndpointState::Draining)
    } else {
        ready
    }
}

fn indices(list: &[Candidate], keep: impl Fn(&Candidate) -> bool) -> Vec<u32> {
    list.iter()
        .zip(0u32..)
        .filter(|(candidate, _)| keep(candidate))
        .map(|(_, index)| index)
        .collect()
}
