//! Elements that one service port causes.

use std::net::IpAddr;

use ipnet::IpNet;

use super::slots::slots;
use crate::back::nftables::at::At;
use crate::back::nftables::element::{
    Comment, Element, FrontendKey, Key, NodePortKey, Value, Verdict,
};
use crate::back::nftables::names::{Balance, ChainName, Place, Pool, SetName, Sticky};
use crate::back::nftables::{Options, Table};
use crate::back::traffic::{Served, served};
use crate::ir::{
    Affinity, Endpoint, Frontend, FrontendKind, NodeAccess, ServicePort, SourceFilter,
};
use crate::model::service::TrafficPolicy;
use crate::source::{Origin, Origins};

/// Adds what a service port needs. Where it has an address twice, the first counts.
pub(super) fn add(port: &ServicePort, options: &Options, table: &mut Table) {
    let affinity = if options.keeps_clients(port.key.family) {
        port.affinity
    } else {
        Affinity::None
    };
    let comment = Comment::naming(&port.key.to_string());
    let [cluster, local] =
        [&port.pools.cluster, &port.pools.local].map(|pool| slots(port.pool(pool)));
    for frontend in &port.frontends {
        let at = match frontend.kind.address() {
            Some(address) => At::Address(FrontendKey {
                address,
                protocol: port.key.protocol,
                port: frontend.port,
            }),
            None => At::NodePort(NodePortKey {
                protocol: port.key.protocol,
                port: frontend.port,
            }),
        };
        Adding {
            port,
            affinity,
            frontend,
            at,
            comment: &comment,
            cluster: &cluster,
            local: &local,
            table,
        }
        .all();
    }
    let hairpin = [&port.pools.cluster, &port.pools.local]
        .into_iter()
        .flat_map(|pool| port.pool(pool))
        .filter(|endpoint| endpoint.is_local());
    let set = table.sets.entry(SetName::HairpinConnections).or_default();
    for endpoint in hairpin {
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

/// A frontend on its way into the sets.
struct Adding<'a> {
    port: &'a ServicePort,
    affinity: Affinity,
    frontend: &'a Frontend,
    at: At,
    comment: &'a Option<Comment>,
    /// The pools' endpoints by their numbers.
    cluster: &'a [&'a Endpoint],
    local: &'a [&'a Endpoint],
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
        self.in_vain();
        let policy = self.frontend.policy;
        let served = served(self.port, policy);
        let external = !matches!(self.frontend.kind, FrontendKind::ClusterIp(_));
        match (external, served) {
            (_, Served::Nowhere) | (false, Served::NotHere) => return,
            (false, Served::ByEndpoints) => match policy {
                TrafficPolicy::Cluster => self.balance(Pool::Main, self.cluster),
                TrafficPolicy::Local => self.balance(Pool::Main, self.local),
            },
            (true, _) => {
                self.balance(Pool::Main, self.cluster);
                if policy == TrafficPolicy::Local {
                    self.balance(Pool::Local, self.local);
                }
                self.external();
            }
        }
        if let Affinity::ClientIp { timeout } = self.affinity {
            let remember = Verdict::Goto(ChainName::Remember(timeout));
            self.say(
                SetName::AffinityServices,
                SetName::AffinityNodePorts,
                remember,
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
        // The kernel refuses ranges that lie within others.
        allowed.sort_by_key(|(net, _)| (net.prefix_len(), net.network()));
        let mut widest: Vec<(IpNet, Origin)> = Vec::new();
        for (net, origin) in allowed {
            if !widest.iter().any(|(wider, _)| wider.contains(&net)) {
                widest.push((net, origin));
            }
        }
        for (net, origin) in widest {
            let key = Key::FrontendAndRange(key, net);
            self.insert(SetName::FirewallAllowed, key, element(None, None, origin));
        }
    }

    /// What is refused or dropped.
    fn in_vain(&mut self) {
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

    /// Endpoints, and the chain that chooses among them.
    fn balance(&mut self, pool: Pool, endpoints: &[&Endpoint]) {
        let Some(size @ 1..) = u32::try_from(endpoints.len()).ok() else {
            return;
        };
        let balance = Balance {
            place: self.at.place(),
            pool,
            affinity: match self.affinity {
                Affinity::None => Sticky::No,
                Affinity::ClientIp { .. } => Sticky::Yes,
            },
            size,
        };
        let (address, node_port) = match pool {
            Pool::Main => (SetName::ServiceIps, SetName::ServiceNodePorts),
            Pool::Local => (SetName::LocalServiceIps, SetName::LocalServiceNodePorts),
        };
        self.say(
            address,
            node_port,
            Verdict::Goto(ChainName::Balance(balance)),
        );
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
            (TrafficPolicy::Local, Place::Address) => ChainName::LocalPolicy,
            (TrafficPolicy::Local, Place::NodePort) => ChainName::NodePortLocalPolicy,
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
