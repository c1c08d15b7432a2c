//! A view of what a node keeps: virtual servers tell who answers, sets tell what addresses are for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::{Balancing, Frontend, Listener, ListenerKind, NodeView, Reach, SourceRanges, Tables};
use crate::kernel::ipset::{Entry, Set};
use crate::kernel::ipvs::VirtualServer;
use crate::kernel::nftables::{KubeProxyTable, Looked};
use crate::mode;
use crate::mode::ipvs::sets::KubeSet;
use crate::mode::{NodeState, Served};
use crate::model::service::TrafficPolicy;
use crate::model::{ByAddress, IpFamily, Mode, Protocol, TransportAddress};
use crate::observed::Observed;

impl NodeView {
    /// What a node is asked to do.
    pub fn of_state(state: &NodeState) -> Self {
        let bound = state.addresses().iter().map(|(address, _)| *address);
        let mut view = Self::new(state.virtual_servers(), state.sets(), &bound.collect());
        view.rules(state.served_by_rules());
        view.mode = Some(state.mode());
        if state.mode() == Mode::Nftables {
            view.tables = Tables::Serve;
        }
        view
    }

    /// What a node was found to do. Virtual servers that kube-proxy could not have made are left out.
    pub fn of_observed(observed: &Observed) -> Self {
        let servers = &observed.ipvs.servers;
        let bound = observed.dummy.addresses().iter().copied().collect();
        let mut view = Self::new(servers, &observed.ipset.sets, &bound);
        let kube_proxys = observed.nftables.kube_proxy.iter().flatten();
        view.unread = kube_proxys.map(KubeProxyTable::family).collect();
        if observed.nftables.looked == Looked::Nowhere {
            view.tables = Tables::Unseen;
        }
        for family in IpFamily::ALL {
            view.rules(mode::iptables::found(family, observed.rules(family)));
            if let Some(found) = &observed.nftables.tables[family as usize] {
                view.rules(mode::nftables::served(&found.table));
                view.tables = Tables::Serve;
            }
        }
        view
    }

    /// What rules serve without virtual servers.
    fn rules(&mut self, served: Served) {
        for (listener, answer) in served {
            self.frontends.entry(listener.into()).or_insert(Frontend {
                kinds: answer.kind.into_iter().collect(),
                policy: answer.policy,
                affinity: answer.affinity,
                scheduler: Balancing::Random,
                sources: answer
                    .sources
                    .map_or(SourceRanges::Everyone, SourceRanges::Only),
                // All are as likely.
                endpoints: answer.outside.into_iter().map(|one| (one, 1)).collect(),
                addresses: BTreeSet::new(),
                reach: Reach::Served,
            });
        }
    }

    /// Of virtual servers, what the sets say of them, and the addresses of kube-ipvs0.
    fn new(servers: &[VirtualServer], sets: &[Set], bound: &BTreeSet<IpAddr>) -> Self {
        let roles = Roles::new(sets);
        let mut view = Self {
            local: roles.local.clone(),
            ..Self::default()
        };
        for server in servers {
            view.server(server, &roles, bound);
        }
        view
    }

    fn server(&mut self, server: &VirtualServer, roles: &Roles, bound: &BTreeSet<IpAddr>) {
        let key = server.key;
        let at = ByAddress(TransportAddress {
            address: key.address,
            protocol: key.protocol,
            port: key.port,
        });
        let (listener, kinds, policy) = match roles.addresses.get(&at) {
            Some(role) => (Listener::Address(key), role.kinds.clone(), role.policy()),
            None => match roles.node_port(at) {
                Some(policy) => {
                    let family = IpFamily::of(key.address);
                    let listener = Listener::NodePort(family, key.protocol, key.port);
                    (listener, vec![ListenerKind::NodePort], Some(policy))
                }
                None => (Listener::Address(key), Vec::new(), None),
            },
        };
        let sources = match roles.ranges.get(&at) {
            Some(ranges) => SourceRanges::Only(ranges.clone()),
            None => SourceRanges::Everyone,
        };
        // A node port's address is one of the node's other links'.
        let reach = match listener {
            Listener::Address(key) if !bound.contains(&key.address) => Reach::Unbound,
            _ => Reach::Served,
        };
        let destinations = server.destinations.iter();
        let frontend = self.frontends.entry(listener).or_insert_with(|| Frontend {
            kinds,
            policy,
            affinity: server.persistence,
            scheduler: Balancing::Scheduler(server.scheduler),
            sources,
            endpoints: destinations
                .map(|one| (SocketAddr::new(one.address, one.port.get()), one.weight))
                .collect(),
            addresses: BTreeSet::new(),
            reach,
        });
        if let Listener::NodePort(..) = listener {
            frontend.addresses.insert(key.address);
        }
    }
}

/// What sets say about addresses and ports.
#[derive(Default)]
struct Roles {
    addresses: BTreeMap<ByAddress, Role>,
    /// Ranges by what they guard.
    ranges: BTreeMap<ByAddress, BTreeSet<IpNet>>,
    node_ports: BTreeMap<(Protocol, u16), TrafficPolicy>,
    /// Of SCTP, whose node ports are listed with their addresses.
    node_addresses: BTreeMap<ByAddress, TrafficPolicy>,
    /// `None` where no set lists them.
    local: BTreeSet<SocketAddr>,
}

#[derive(Default)]
struct Role {
    kinds: Vec<ListenerKind>,
    local: bool,
}

impl Role {
    /// Of a cluster IP the sets do not tell.
    fn policy(&self) -> Option<TrafficPolicy> {
        let outside = self
            .kinds
            .iter()
            .any(|kind| *kind != ListenerKind::ClusterIp);
        outside.then_some(if self.local {
            TrafficPolicy::Local
        } else {
            TrafficPolicy::Cluster
        })
    }
}

impl Roles {
    fn new(sets: &[Set]) -> Self {
        let mut roles = Self::default();
        for family in IpFamily::ALL {
            for kind in KubeSet::ALL {
                let name = kind.name(family);
                let Some(set) = sets.iter().find(|set| set.name == name) else {
                    continue;
                };
                for (entry, _) in &set.entries {
                    roles.entry(kind, *entry);
                }
            }
        }
        roles
    }

    fn entry(&mut self, set: KubeSet, entry: Entry) {
        match (set, entry) {
            (KubeSet::ClusterIp, Entry::IpPort(key)) => self.address(key, ListenerKind::ClusterIp),
            (KubeSet::ExternalIp, Entry::IpPort(key)) => {
                self.address(key, ListenerKind::ExternalIp);
            }
            (KubeSet::ExternalIpLocal, Entry::IpPort(key)) => {
                self.address(key, ListenerKind::ExternalIp);
                self.addresses.entry(key).or_default().local = true;
            }
            (KubeSet::LoadBalancer, Entry::IpPort(key)) => {
                self.address(key, ListenerKind::LoadBalancer);
            }
            (KubeSet::LoadBalancerLocal, Entry::IpPort(key)) => {
                self.addresses.entry(key).or_default().local = true;
            }
            (KubeSet::LoadBalancerFw, Entry::IpPort(key)) => {
                self.ranges.entry(key).or_default();
            }
            (KubeSet::LoadBalancerSourceCidr, Entry::IpPortNet(key, range)) => {
                self.ranges.entry(key).or_default().insert(range);
            }
            (KubeSet::NodePortTcp, Entry::Port(port)) => self.port(Protocol::Tcp, port),
            (KubeSet::NodePortUdp, Entry::Port(port)) => self.port(Protocol::Udp, port),
            (KubeSet::NodePortLocalTcp, Entry::Port(port)) => {
                self.node_ports
                    .insert((Protocol::Tcp, port), TrafficPolicy::Local);
            }
            (KubeSet::NodePortLocalUdp, Entry::Port(port)) => {
                self.node_ports
                    .insert((Protocol::Udp, port), TrafficPolicy::Local);
            }
            (KubeSet::NodePortSctp, Entry::IpPort(key)) => {
                self.node_addresses
                    .entry(key)
                    .or_insert(TrafficPolicy::Cluster);
            }
            (KubeSet::NodePortLocalSctp, Entry::IpPort(key)) => {
                self.node_addresses.insert(key, TrafficPolicy::Local);
            }
            (KubeSet::LoopBack, Entry::IpPortIp(key, _)) => {
                self.local
                    .insert(SocketAddr::new(key.address, key.port.get()));
            }
            // The rest follows from what is above, or is of a form that kube-proxy does not write.
            _ => {}
        }
    }

    fn address(&mut self, key: ByAddress, kind: ListenerKind) {
        let role = self.addresses.entry(key).or_default();
        if let Err(place) = role.kinds.binary_search(&kind) {
            role.kinds.insert(place, kind);
        }
    }

    fn port(&mut self, protocol: Protocol, port: u16) {
        self.node_ports
            .entry((protocol, port))
            .or_insert(TrafficPolicy::Cluster);
    }

    fn node_port(&self, at: ByAddress) -> Option<TrafficPolicy> {
        let port = (at.protocol, at.port.get());
        let listed = self.node_addresses.get(&at);
        listed.or_else(|| self.node_ports.get(&port)).copied()
    }
}
