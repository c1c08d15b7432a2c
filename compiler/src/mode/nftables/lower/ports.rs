//! Elements that one service port causes.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::slots::slots;
use crate::ir::{
    Affinity, Endpoint, Frontend, FrontendKind, NodeAccess, ServicePort, SourceFilter,
};
use crate::kernel::nftables::{
    Balance, ChainName, Comment, Element, FoundBy, Key, Memory, NodePortKey, Pool, PortName,
    SetName, Table, Value, Verdict,
};
use crate::mode::nftables::Options;
use crate::mode::nftables::at::At;
use crate::mode::traffic::{Served, served};
use crate::model::service::TrafficPolicy;
use crate::model::{ByAddress, TransportAddress};
use crate::source::{Origin, Origins};

/// Adds what a service port needs. Where it has an address twice, the first counts.
pub(super) fn add(port: &ServicePort, options: &Options, table: &mut Table) {
    let comment = Comment::naming(&port.key.to_string());
    let pools = [&port.pools.cluster, &port.pools.local].map(|pool| slots(port.pool(pool)));
    let keeping = Keeping::of(port, options);
    if let Some(keeping) = &keeping {
        keeping.memories(&pools, table);
    }
    for frontend in &port.frontends {
        let at = match frontend.kind.address() {
            Some(address) => At::Address(ByAddress(TransportAddress {
                address,
                protocol: port.key.protocol,
                port: frontend.port,
            })),
            None => At::NodePort(NodePortKey {
                protocol: port.key.protocol,
                port: frontend.port,
            }),
        };
        Adding {
            port,
            keeping: &keeping,
            frontend,
            at,
            comment: &comment,
            pools: &pools,
            table,
        }
        .all();
    }
    let set = table.sets.entry(SetName::HairpinConnections).or_default();
    for endpoint in pools.iter().flatten() {
        set.entry(Key::Connection(endpoint.address, endpoint.address))
            .or_insert_with(|| element(None, None, endpoint.origin));
    }
}

fn element(value: Option<Value>, comment: Option<Comment>, origin: Origin) -> Element {
    Element {
        value,
        comment,
        origins: Origins::from([origin]),
    }
}

/// The pools that a frontend chooses from, each with the traffic policy whose endpoints it has; none is
/// empty.
fn pools(port: &ServicePort, frontend: &Frontend) -> Vec<(Pool, TrafficPolicy)> {
    let policy = frontend.policy;
    let external = !matches!(frontend.kind, FrontendKind::ClusterIp(_));
    let mut asked = match (external, served(port, policy)) {
        (_, Served::Nowhere) | (false, Served::NotHere) => Vec::new(),
        (false, Served::ByEndpoints) => vec![(Pool::Main, policy)],
        (true, _) => vec![(Pool::Main, TrafficPolicy::Cluster), (Pool::Local, policy)],
    };
    asked.retain(|(pool, of)| match (pool, of) {
        (Pool::Local, TrafficPolicy::Cluster) => false,
        (_, TrafficPolicy::Cluster) => !port.pools.cluster.is_empty(),
        (_, TrafficPolicy::Local) => !port.pools.local.is_empty(),
    });
    asked
}

/// A service port that keeps its clients.
struct Keeping {
    name: PortName,
    seconds: u32,
    /// Whose endpoints are asked for.
    policies: BTreeSet<TrafficPolicy>,
}

impl Keeping {
    fn of(port: &ServicePort, options: &Options) -> Option<Self> {
        let Affinity::ClientIp { timeout } = port.affinity else {
            return None;
        };
        let mut frontends = port.frontends.iter();
        let own = frontends.find(|one| matches!(one.kind, FrontendKind::ClusterIp(_)))?;
        let name = PortName(ByAddress(TransportAddress {
            address: own.kind.address()?,
            protocol: port.key.protocol,
            port: own.port,
        }));
        let asked = port.frontends.iter().flat_map(|one| pools(port, one));
        let keeping = Self {
            name,
            seconds: timeout,
            policies: asked.map(|(_, policy)| policy).collect(),
        };
        options.keeps_clients(port.key.family).then_some(keeping)
    }

    fn memory(&self, policy: TrafficPolicy) -> Memory {
        Memory {
            port: self.name,
            policy,
        }
    }

    /// What remembers; and where there are two, which endpoints each may have.
    fn memories(&self, [cluster, local]: &[Vec<&Endpoint>; 2], table: &mut Table) {
        for policy in &self.policies {
            let memory = self.memory(*policy);
            table.sets.entry(SetName::Affinity(memory)).or_default();
            if self.policies.len() > 1 {
                let endpoints = match policy {
                    TrafficPolicy::Cluster => cluster,
                    TrafficPolicy::Local => local,
                };
                let key = |one: &&Endpoint| Key::Endpoint(one.socket());
                let members = endpoints
                    .iter()
                    .map(|one| (key(one), element(None, None, one.origin)));
                table
                    .sets
                    .insert(SetName::Members(memory), members.collect());
            }
        }
    }
}

/// A frontend on its way into the sets.
struct Adding<'a> {
    port: &'a ServicePort,
    keeping: &'a Option<Keeping>,
    frontend: &'a Frontend,
    at: At,
    comment: &'a Option<Comment>,
    /// The pools' endpoints by their numbers: policy Cluster's, and policy Local's.
    pools: &'a [Vec<&'a Endpoint>; 2],
    table: &'a mut Table,
}

impl Adding<'_> {
    fn all(mut self) {
        self.addresses();
        let service = self.at.of(SetName::ServiceIps, SetName::ServiceNodePorts);
        let taken = self.table.sets.get(&service);
        if taken.is_some_and(|taken| taken.contains_key(&self.at.key())) {
            return;
        }
        self.without_endpoints();
        let asked = pools(self.port, self.frontend);
        for (pool, policy) in &asked {
            self.balance(*pool, *policy);
        }
        let external = !matches!(self.frontend.kind, FrontendKind::ClusterIp(_));
        if external && served(self.port, self.frontend.policy) != Served::Nowhere {
            self.external();
        }
        if let (Some(keeping), false) = (self.keeping, asked.is_empty()) {
            let chain = ChainName::Remember(keeping.name, keeping.seconds);
            self.say(
                SetName::AffinityServices,
                SetName::AffinityNodePorts,
                Verdict::Goto(chain),
            );
        }
    }

    /// The frontend's address itself, and who may use it.
    fn addresses(&mut self) {
        let origin = self.frontend.origin;
        match &self.frontend.kind {
            FrontendKind::ClusterIp(address) => {
                let key = Key::Address(*address);
                self.insert(SetName::ClusterIps, key, element(None, None, origin));
            }
            FrontendKind::LoadBalancer(address, SourceFilter::Ranges { ranges, node }) => {
                self.guard(
                    *address,
                    ranges.iter().map(|range| (range.value, range.origin)),
                    *node,
                );
            }
            _ => {}
        }
    }

    fn guard(
        &mut self,
        address: IpAddr,
        ranges: impl Iterator<Item = (IpNet, Origin)>,
        node: NodeAccess,
    ) {
        let At::Address(key) = self.at else {
            return;
        };
        let guarded = element(None, self.comment.clone(), self.frontend.origin);
        self.insert(SetName::FirewallIps, Key::Frontend(key), guarded);
        // What the node sends to a load balancer's address may have that address for its source.
        let own =
            (node == NodeAccess::Allowed).then_some((IpNet::from(address), self.frontend.origin));
        let mut allowed: Vec<(IpNet, Origin)> = ranges.chain(own).collect();
        // The kernel refuses ranges that lie within others. In this order each comes right after the
        // widest one that it may lie in, and others in that one.
        allowed.sort_by_key(|(net, _)| (net.network(), net.prefix_len()));
        let mut widest: Vec<(IpNet, Origin)> = Vec::new();
        for (net, origin) in allowed {
            if !widest.last().is_some_and(|(wider, _)| wider.contains(&net)) {
                widest.push((net, origin));
            }
        }
        for (net, origin) in widest {
            let key = Key::FrontendAndRange(key, net);
            self.insert(SetName::FirewallAllowed, key, element(None, None, origin));
        }
    }

    /// What is refused or dropped.
    fn without_endpoints(&mut self) {
        let verdict = match served(self.port, self.frontend.policy) {
            Served::ByEndpoints => return,
            Served::NotHere => Verdict::Drop,
            Served::Nowhere => Verdict::Goto(ChainName::RejectChain),
        };
        self.say(
            SetName::NoEndpointServices,
            SetName::NoEndpointNodePorts,
            verdict,
        );
    }

    /// Endpoints, the chain that chooses among them, and the one that finds who has one already.
    fn balance(&mut self, pool: Pool, policy: TrafficPolicy) {
        let [cluster, local] = self.pools;
        let endpoints = match policy {
            TrafficPolicy::Cluster => cluster,
            TrafficPolicy::Local => local,
        };
        let Some(size @ 1..) = u32::try_from(endpoints.len()).ok() else {
            return;
        };
        let balance = Balance {
            place: self.at.place(),
            pool,
            size,
        };
        let [service, recall] = match pool {
            Pool::Main => [
                (SetName::ServiceIps, SetName::ServiceNodePorts),
                (SetName::RecallServices, SetName::RecallNodePorts),
            ],
            Pool::Local => [
                (SetName::LocalServiceIps, SetName::LocalServiceNodePorts),
                (SetName::LocalRecallServices, SetName::LocalRecallNodePorts),
            ],
        };
        let chain = ChainName::Balance(balance);
        self.say(service.0, service.1, Verdict::Goto(chain));
        if let Some(keeping) = self.keeping {
            let chain = ChainName::Recall(keeping.memory(policy));
            self.say(recall.0, recall.1, Verdict::Jump(chain));
        }
        let at = self.at;
        let set = self.table.sets.entry(balance.endpoints()).or_default();
        set.extend((0..).zip(endpoints).map(|(slot, endpoint)| {
            let value = Value::Endpoint(endpoint.socket());
            (at.slot(slot), element(Some(value), None, endpoint.origin))
        }));
    }

    /// How clients from outside are treated.
    fn external(&mut self) {
        let verdict = Verdict::Jump(match (self.frontend.policy, self.at.place()) {
            (TrafficPolicy::Cluster, _) => ChainName::MarkForMasquerade,
            (TrafficPolicy::Local, FoundBy::Address) => ChainName::LocalPolicy,
            (TrafficPolicy::Local, FoundBy::NodePort) => ChainName::NodePortLocalPolicy,
        });
        self.say(
            SetName::ExternalServices,
            SetName::ExternalNodePorts,
            verdict,
        );
    }

    /// A verdict for the frontend, in the map for addresses or in the one for node ports.
    fn say(&mut self, address: SetName, node_port: SetName, verdict: Verdict) {
        let value = Some(Value::Verdict(verdict));
        let element = element(value, self.comment.clone(), self.frontend.origin);
        self.insert(self.at.of(address, node_port), self.at.key(), element);
    }

    fn insert(&mut self, set: SetName, key: Key, element: Element) {
        self.table
            .sets
            .entry(set)
            .or_default()
            .entry(key)
            .or_insert(element);
    }
}
