//! Virtual servers, bound addresses and set entries of one family.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use rayon::prelude::*;

use super::rules::out_filter;
use crate::ir::{
    Affinity, Endpoint, Frontend, FrontendKind, NodeAccess, NodePortScope, Program, ServicePort,
    SourceFilter,
};
use crate::kernel::ipset::Entry;
use crate::kernel::iptables::Rule;
use crate::kernel::ipvs::{Destination, Persistence, Scheduler, VirtualServer};
use crate::mode::ipvs::options::Options;
use crate::mode::ipvs::sets::{KubeSet, SetBuilder};
use crate::model::service::TrafficPolicy;
use crate::model::{ByAddress, IpFamily, Protocol, TransportAddress};
use crate::source::{Origin, Origins};

/// What one family comes to, rules apart.
pub(super) struct FamilyState {
    /// Bound addresses, sorted.
    pub(super) addresses: Vec<(IpAddr, Origins)>,
    pub(super) sets: SetBuilder,
    /// Sorted by address, protocol and port.
    pub(super) virtual_servers: Vec<VirtualServer>,
    /// Sorted, each once.
    pub(super) blocked: Vec<Blocked>,
}

/// A load balancer address that the node itself may not use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Blocked {
    pub(super) key: ByAddress,
    pub(super) origin: Origin,
}

impl Blocked {
    /// The rule that keeps the node away.
    pub(super) fn rule(&self) -> Rule {
        Rule {
            origins: [self.origin].into(),
            ..out_filter(self.key.0)
        }
    }
}

struct Lowering<'a> {
    options: &'a Options,
    node_addresses: Vec<IpAddr>,
    sets: SetBuilder,
    bound: BTreeMap<IpAddr, Origins>,
    serving: Vec<Serving<'a>>,
    blocked: Vec<Blocked>,
}

/// What a virtual server is made of.
struct Serving<'a> {
    key: TransportAddress,
    port: &'a ServicePort,
    frontend: &'a Frontend,
}

pub(super) fn lower(program: &Program, options: &Options, family: IpFamily) -> FamilyState {
    let ports = || {
        program
            .service_ports
            .iter()
            .filter(move |port| port.key.family == family)
    };
    let mut lowering = Lowering {
        options,
        node_addresses: node_addresses(program, family),
        sets: SetBuilder::default(),
        bound: BTreeMap::new(),
        serving: Vec::new(),
        blocked: Vec::new(),
    };
    for port in ports() {
        lowering.loop_back(port);
        for frontend in &port.frontends {
            lowering.frontend(port, frontend);
        }
    }
    // Node ports come after all addresses are bound: a configured range may take those in.
    let serving = serving_node_ports(
        program,
        family,
        &lowering.node_addresses,
        lowering.bound.keys(),
    );
    for port in ports() {
        lowering.node_port(port, &serving);
    }
    lowering.finish()
}

/// Addresses of other interfaces as kube-proxy lists them: no loopback, no IPv6 link-local.
pub(crate) fn node_addresses(program: &Program, family: IpFamily) -> Vec<IpAddr> {
    let addresses = program.node.addresses.iter().copied();
    addresses
        .filter(|address| IpFamily::of(*address) == family && !link_local(*address))
        .collect()
}

fn link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

/// Where node ports are served: by default on all addresses but those of kube-ipvs0; in a configured
/// range on every address that lies in it, those of kube-ipvs0 and link-local ones too.
pub(crate) fn serving_node_ports<'a>(
    program: &'a Program,
    family: IpFamily,
    node_addresses: &[IpAddr],
    bound: impl IntoIterator<Item = &'a IpAddr>,
) -> Vec<IpAddr> {
    let NodePortScope::Ranges(ranges) = program.node.node_port_scope(family) else {
        return node_addresses.to_vec();
    };
    let mut addresses: Vec<IpAddr> = program
        .node
        .addresses
        .iter()
        .chain(bound)
        .copied()
        .filter(|address| !address.is_loopback())
        .filter(|address| ranges.contains(*address))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// Addresses that kube-ipvs0 gets.
pub(crate) fn bound_addresses(
    program: &Program,
    family: IpFamily,
    node_addresses: &[IpAddr],
) -> BTreeSet<IpAddr> {
    program
        .service_ports
        .iter()
        .filter(|port| port.key.family == family)
        .flat_map(|port| &port.frontends)
        .filter(|frontend| is_bound(frontend, node_addresses))
        .filter_map(|frontend| frontend.kind.address())
        .collect()
}

/// Cluster IPs are bound always, other addresses unless another interface has them already.
fn is_bound(frontend: &Frontend, node_addresses: &[IpAddr]) -> bool {
    match (&frontend.kind, frontend.kind.address()) {
        (FrontendKind::ClusterIp(_), _) => true,
        (_, Some(address)) => node_addresses.binary_search(&address).is_err(),
        (_, None) => false,
    }
}

impl<'a> Lowering<'a> {
    /// A packet that comes back to its sender must be masqueraded, whatever state the endpoint is in.
    fn loop_back(&mut self, port: &ServicePort) {
        for endpoint in port.endpoints.iter().filter(|endpoint| endpoint.is_local()) {
            let key = ByAddress(TransportAddress {
                address: endpoint.address,
                protocol: port.key.protocol,
                port: endpoint.port,
            });
            let entry = Entry::IpPortIp(key, endpoint.address);
            self.sets.add(KubeSet::LoopBack, entry, endpoint.origin);
        }
    }

    fn frontend(&mut self, port: &'a ServicePort, frontend: &'a Frontend) {
        let Some(address) = frontend.kind.address() else {
            return;
        };
        let key = ByAddress(TransportAddress {
            address,
            protocol: port.key.protocol,
            port: frontend.port,
        });
        let local = frontend.policy == TrafficPolicy::Local;
        let origin = frontend.origin;
        let mut add = |set| self.sets.add(set, Entry::IpPort(key), origin);
        match &frontend.kind {
            FrontendKind::ClusterIp(_) => add(KubeSet::ClusterIp),
            FrontendKind::ExternalIp(_) if local => add(KubeSet::ExternalIpLocal),
            FrontendKind::ExternalIp(_) => add(KubeSet::ExternalIp),
            FrontendKind::LoadBalancer(_, filter) => {
                add(KubeSet::LoadBalancer);
                if local {
                    add(KubeSet::LoadBalancerLocal);
                }
                self.source_filter(key, origin, filter);
            }
            FrontendKind::NodePort => {}
        }
        if is_bound(frontend, &self.node_addresses) {
            let origins = self.bound.entry(address).or_default();
            if origins.last() != Some(&origin) {
                origins.push(origin);
            }
        }
        self.virtual_server(port, frontend, address);
    }

    fn source_filter(&mut self, key: ByAddress, origin: Origin, filter: &SourceFilter) {
        let SourceFilter::Ranges { ranges, node } = filter else {
            return;
        };
        self.sets
            .add(KubeSet::LoadBalancerFw, Entry::IpPort(key), origin);
        for range in ranges {
            let entry = Entry::IpPortNet(key, range.value);
            self.sets
                .add(KubeSet::LoadBalancerSourceCidr, entry, range.origin);
        }
        match node {
            NodeAccess::Allowed => {
                let entry = Entry::IpPortIp(key, key.address);
                self.sets.add(KubeSet::LoadBalancerSourceIp, entry, origin);
            }
            NodeAccess::Denied => self.blocked.push(Blocked { key, origin }),
        }
    }

    fn node_port(&mut self, port: &'a ServicePort, serving: &[IpAddr]) {
        let protocol = port.key.protocol;
        for frontend in &port.frontends {
            if frontend.kind != FrontendKind::NodePort {
                continue;
            }
            if serving.is_empty() {
                // kube-proxy leaves the loop here, so the health check port is missed too.
                return;
            }
            let (all, local) = match protocol {
                Protocol::Tcp => (KubeSet::NodePortTcp, KubeSet::NodePortLocalTcp),
                Protocol::Udp => (KubeSet::NodePortUdp, KubeSet::NodePortLocalUdp),
                Protocol::Sctp => (KubeSet::NodePortSctp, KubeSet::NodePortLocalSctp),
            };
            let entries: Vec<Entry> = if protocol == Protocol::Sctp {
                let key = |address| {
                    ByAddress(TransportAddress {
                        address,
                        protocol,
                        port: frontend.port,
                    })
                };
                serving
                    .iter()
                    .map(|address| Entry::IpPort(key(*address)))
                    .collect()
            } else {
                vec![Entry::Port(frontend.port.get())]
            };
            for entry in entries {
                self.sets.add(all, entry, frontend.origin);
                if frontend.policy == TrafficPolicy::Local {
                    self.sets.add(local, entry, frontend.origin);
                }
            }
            for address in serving {
                self.virtual_server(port, frontend, *address);
            }
        }
        if let Some(check) = &port.health_check_node_port {
            let entry = Entry::Port(check.value.get());
            self.sets
                .add(KubeSet::HealthCheckNodePort, entry, check.origin);
        }
    }

    fn virtual_server(&mut self, port: &'a ServicePort, frontend: &'a Frontend, address: IpAddr) {
        self.serving.push(Serving {
            key: TransportAddress {
                protocol: port.key.protocol,
                address,
                port: frontend.port,
            },
            port,
            frontend,
        });
    }

    fn finish(mut self) -> FamilyState {
        // Of two claims of one service port on one address kube-proxy's last write stays; the sort
        // is stable, so that is the last of its run.
        self.serving.sort_by_key(|serving| serving.key);
        self.serving.dedup_by(|later, kept| {
            let same = later.key == kept.key;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        let scheduler = self.options.scheduler;
        let virtual_servers = self
            .serving
            .into_par_iter()
            .with_min_len(64)
            .map(|serving| serving.virtual_server(scheduler))
            .collect();
        for (address, origins) in &mut self.bound {
            // Many ports may have one address, and say so in several places.
            let mut seen = BTreeSet::new();
            origins.retain(|origin| seen.insert(*origin));
            for origin in origins {
                self.sets
                    .add(KubeSet::IpvsIps, Entry::Ip(*address), *origin);
            }
        }
        self.blocked.sort_unstable();
        self.blocked.dedup_by_key(|blocked| blocked.key);
        FamilyState {
            addresses: self.bound.into_iter().collect(),
            sets: self.sets,
            virtual_servers,
            blocked: self.blocked,
        }
    }
}

impl Serving<'_> {
    fn virtual_server(&self, scheduler: Scheduler) -> VirtualServer {
        VirtualServer {
            key: self.key,
            scheduler,
            persistence: match self.port.affinity {
                Affinity::None => Persistence::None,
                Affinity::ClientIp { timeout } => Persistence::Timeout(timeout),
            },
            destinations: destinations(self.port, self.frontend.policy),
            origins: [self.frontend.origin].into(),
        }
    }
}

/// Policy Local falls back to the cluster's endpoints (kubernetes/kubernetes#97081).
fn destinations(port: &ServicePort, policy: TrafficPolicy) -> Vec<Destination> {
    let pool = match policy {
        TrafficPolicy::Local if !port.pools.local.is_empty() => &port.pools.local,
        TrafficPolicy::Local | TrafficPolicy::Cluster => &port.pools.cluster,
    };
    port.pool(pool).map(destination).collect()
}

fn destination(endpoint: &Endpoint) -> Destination {
    Destination {
        address: endpoint.address,
        port: endpoint.port,
        weight: 1,
        origins: [endpoint.origin].into(),
    }
}
