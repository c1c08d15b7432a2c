//! Service ports with all endpoints the slices give them: the same for every node.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use rayon::prelude::*;

use super::alike::Alike;
use crate::diag::{Code, Finding, Findings, Place};
use crate::ir::ServicePortKey;
use crate::model::name::PortName;
use crate::model::places::NodeIndex;
use crate::model::profile::ReusedAddresses;
use crate::model::service::{Service, ServicePort, TrafficPolicy};
use crate::model::slice::{Endpoint, EndpointState, Slice, Termination};
use crate::model::{Cluster, IpFamily, Port, Protocol};
use crate::source::{FieldPath, Origin};

/// All service ports of a cluster with their endpoints.
#[derive(Debug)]
pub struct Gathered {
    /// Sorted by key.
    pub(super) ports: Vec<GatheredPort>,
}

impl Gathered {
    /// Service ports with all endpoints that slices give them, usable or not, sorted by key; the
    /// same endpoint may come several times in a row.
    pub(crate) fn ports(&self) -> impl Iterator<Item = PortEndpoints<'_>> {
        self.ports.iter().map(PortEndpoints)
    }

    /// Whether some address and port is a terminating endpoint's and another one's too.
    pub(crate) fn reuses_addresses(&self) -> bool {
        let reused = |pair: &[Candidate]| {
            (pair[0].address, pair[0].port) == (pair[1].address, pair[1].port)
                && pair[0].termination != pair[1].termination
        };
        let mut ports = self.ports.iter();
        ports.any(|port| port.candidates.windows(2).any(reused))
    }

    /// Those service ports that nodes can make a difference to, with endpoints only where a policy is
    /// Local: what is looked at from every node of a large cluster should be little.
    ///
    /// Nodes differ in their endpoints, in their addresses, which matter to node ports, to whatever
    /// has the number of a node port, and to source ranges; and in nothing else.
    pub(crate) fn of_nodes(&self, cluster: &Cluster) -> Self {
        let port = |gathered: &GatheredPort| {
            let service = &cluster.services[gathered.service as usize];
            (service, &service.ports[gathered.port as usize])
        };
        let node_ports: BTreeSet<Port> = self
            .ports
            .iter()
            .filter_map(|gathered| port(gathered).1.node_port)
            .map(|node_port| node_port.value)
            .collect();
        let ports = self.ports.iter().filter_map(|gathered| {
            let (service, port) = port(gathered);
            let local =
                service.internal_policy == TrafficPolicy::Local || service.external_policy_local();
            let matters = local
                || port.node_port.is_some()
                || node_ports.contains(&port.port)
                || !service.source_ranges.is_empty();
            matters.then(|| GatheredPort {
                key: gathered.key.clone(),
                candidates: if local {
                    gathered.candidates.clone()
                } else {
                    Vec::new()
                },
                ..*gathered
            })
        });
        Self {
            ports: ports.collect(),
        }
    }
}

/// A service port and its endpoints, before any node has chosen among them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PortEndpoints<'a>(&'a GatheredPort);

impl<'a> PortEndpoints<'a> {
    pub(super) fn gathered(self) -> &'a GatheredPort {
        self.0
    }

    /// What identifies the service port.
    pub(crate) fn key(self) -> &'a ServicePortKey {
        &self.0.key
    }

    /// The Service and its port.
    pub(crate) fn service(self, cluster: &'a Cluster) -> (&'a Service, &'a ServicePort) {
        let service = &cluster.services[self.0.service as usize];
        (service, &service.ports[self.0.port as usize])
    }

    /// Address and port of each endpoint, sorted, and where it stands.
    pub(crate) fn endpoints(
        self,
        cluster: &'a Cluster,
    ) -> impl Iterator<Item = (SocketAddr, Origin)> {
        self.0.candidates.iter().map(|candidate| {
            let socket = SocketAddr::new(candidate.address, candidate.port.get());
            (socket, candidate.origin(cluster))
        })
    }

    /// Each address and port once, sorted, with the endpoints there that a node may choose.
    pub(crate) fn alike(self, reused: ReusedAddresses) -> impl Iterator<Item = Alike<'a>> {
        self.0.alike(reused)
    }

    /// Index of the Service in [`Cluster::services`].
    pub(crate) fn service_index(self) -> u32 {
        self.0.service
    }

    /// Each endpoint that is on a node of the input, and that node.
    pub(crate) fn on_nodes(
        self,
        cluster: &'a Cluster,
    ) -> impl Iterator<Item = (NodeIndex, SocketAddr)> {
        self.0.candidates.iter().filter_map(|candidate| {
            let (_, endpoint) = candidate.resolve(cluster);
            let socket = SocketAddr::new(candidate.address, candidate.port.get());
            Some((endpoint.node?, socket))
        })
    }

    /// How many different endpoints there are.
    pub(crate) fn count(self) -> usize {
        let same = |a: &Candidate, b: &Candidate| (a.address, a.port) == (b.address, b.port);
        self.0.candidates.chunk_by(same).count()
    }
}

/// A service port with every endpoint that some slice gives it.
#[derive(Debug)]
pub(super) struct GatheredPort {
    pub(super) key: ServicePortKey,
    /// Index into [`Cluster::services`].
    pub(super) service: u32,
    /// Index into the Service's ports.
    pub(super) port: u32,
    /// Sorted by address, port and state; the same address and port may stand here several times.
    pub(super) candidates: Vec<Candidate>,
}

impl GatheredPort {
    /// Each address and port once, sorted, with the endpoints there that a node may choose.
    pub(super) fn alike(&self, reused: ReusedAddresses) -> impl Iterator<Item = Alike<'_>> {
        let same = |a: &Candidate, b: &Candidate| (a.address, a.port) == (b.address, b.port);
        let same = self.candidates.chunk_by(same);
        same.map(move |same| Alike::new(same, reused))
    }
}

/// An endpoint of a slice, at one of the slice's ports.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) address: IpAddr,
    pub(super) port: Port,
    pub(super) state: EndpointState,
    pub(super) termination: Termination,
    /// Index into [`Cluster::slices`].
    slice: u32,
    /// Index into the slice's endpoints.
    endpoint: u32,
}

impl Candidate {
    /// The slice it is from and its endpoint there.
    pub(super) fn resolve(self, cluster: &Cluster) -> (&Slice, &Endpoint) {
        let slice = &cluster.slices[self.slice as usize];
        (slice, &slice.endpoints[self.endpoint as usize])
    }

    pub(super) fn origin(self, cluster: &Cluster) -> Origin {
        self.resolve(cluster).1.origin
    }
}

/// Gathers the service ports of a cluster.
pub fn gather(cluster: &Cluster, findings: &mut Findings) -> Gathered {
    let _span = tracing::debug_span!("gather").entered();
    let gathered: Vec<(Vec<GatheredPort>, Findings)> = cluster
        .services
        .par_iter()
        .zip(0u32..u32::MAX)
        .with_min_len(64)
        .filter(|(service, _)| service.skipped.is_none())
        .map(|(_, index)| service_ports(cluster, index))
        .collect();
    let mut ports = Vec::with_capacity(gathered.len());
    for (gathered, found) in gathered {
        ports.extend(gathered);
        findings.append(found);
    }
    ports.par_sort_by(|a, b| a.key.cmp(&b.key));
    Gathered { ports }
}

fn service_ports(cluster: &Cluster, index: u32) -> (Vec<GatheredPort>, Findings) {
    let service = &cluster.services[index as usize];
    let slices = cluster.slices_of(&service.key);
    let mut ports = Vec::new();
    let mut findings = Findings::default();
    for family in IpFamily::ALL {
        if service.cluster_ip(family).is_none() {
            continue;
        }
        let by_port = by_port(cluster, slices.clone(), family);
        for (port, port_index) in service.ports.iter().zip(0u32..) {
            let mut candidates = Vec::new();
            let key = (&port.name, port.protocol);
            for (slice_index, port) in by_port.get(&key).into_iter().flatten() {
                let slice = &cluster.slices[*slice_index as usize];
                candidates.extend(slice.endpoints.iter().zip(0u32..).map(
                    |(endpoint, endpoint_index)| Candidate {
                        address: endpoint.address,
                        port: *port,
                        state: endpoint.state,
                        termination: endpoint.termination,
                        slice: *slice_index,
                        endpoint: endpoint_index,
                    },
                ));
            }
            // The rest of the order decides nothing but which origin is told.
            candidates.sort_by_key(|c| (c.address, c.port, c.state, c.slice, c.endpoint));
            report_duplicates(cluster, &candidates, &mut findings);
            let key = ServicePortKey {
                family,
                service: service.key.clone(),
                port: port.name.clone(),
                protocol: port.protocol,
            };
            ports.push(GatheredPort {
                key,
                service: index,
                port: port_index,
                candidates,
            });
        }
        report_unmatched_ports(cluster, index, family, slices.clone(), &mut findings);
    }
    (ports, findings)
}

/// The ports of a Service's slices, and the slices that have them, by what the Service calls them.
fn by_port(
    cluster: &Cluster,
    slices: std::ops::Range<usize>,
    family: IpFamily,
) -> BTreeMap<(&PortName, Protocol), Vec<(u32, Port)>> {
    let mut by_port: BTreeMap<_, Vec<(u32, Port)>> = BTreeMap::new();
    for at in slices {
        let slice = &cluster.slices[at];
        if slice.family != family {
            continue;
        }
        let index = u32::try_from(at).unwrap_or(u32::MAX);
        for port in &slice.ports {
            let key = (&port.name, port.protocol);
            by_port.entry(key).or_default().push((index, port.port));
        }
    }
    by_port
}

/// kube-proxy before 1.36 leaves to chance which of two contradicting endpoints it uses.
fn report_duplicates(cluster: &Cluster, candidates: &[Candidate], findings: &mut Findings) {
    for pair in candidates.windows(2) {
        let [first, second] = pair else { continue };
        if (first.address, first.port) != (second.address, second.port) {
            continue;
        }
        let (_, one) = first.resolve(cluster);
        let (_, other) = second.resolve(cluster);
        let differ = if first.state != second.state {
            "with different conditions"
        } else if one.node != other.node {
            "on different nodes"
        } else if (&one.zone_hints, &one.node_hints) != (&other.zone_hints, &other.node_hints) {
            "with different hints"
        } else {
            continue;
        };
        findings.push(
            Finding::warning(
                Code::DuplicateEndpoint,
                second.origin(cluster),
                format!(
                    "endpoint {} is listed twice {differ}; of those that kube-proxy chooses among, the ready, then the serving, then the local one, then the one meant for the node is used",
                    SocketAddr::new(first.address, first.port.get())
                ),
            )
            .help("remove the stale one; kube-proxy before 1.36 chooses among all at random, and since then among those that are not terminating")
            .also(first.origin(cluster), "the other"),
        );
    }
}

/// A slice port that has no counterpart in the Service never gets traffic.
fn report_unmatched_ports(
    cluster: &Cluster,
    service: u32,
    family: IpFamily,
    slices: std::ops::Range<usize>,
    findings: &mut Findings,
) {
    let service = &cluster.services[service as usize];
    let ports = service.ports.iter();
    let known: BTreeSet<(&PortName, Protocol)> =
        ports.map(|port| (&port.name, port.protocol)).collect();
    for slice in &cluster.slices[slices] {
        if slice.family != family || slice.endpoints.is_empty() {
            continue;
        }
        for port in &slice.ports {
            if !known.contains(&(&port.name, port.protocol)) {
                findings.push(
                    Finding::warning(
                        Code::PortMismatch,
                        Place::Field(slice.object, FieldPath::root().key("ports")),
                        match port.name.as_str() {
                            "" => format!(
                                "the unnamed {} port of the slice is no port of the Service {}, and gets no traffic",
                                port.protocol, service.key
                            ),
                            name => format!(
                                "{} port {name} of the slice is no port of the Service {}, and gets no traffic",
                                port.protocol, service.key
                            ),
                        },
                    )
                    .help("give the slice's ports the names and protocols of the Service's"),
                );
            }
        }
    }
}
