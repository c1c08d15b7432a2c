//! What the IR promises, and where the modes part. Nothing here looks at rules.

use std::net::IpAddr;

use portolan_compiler::explain::{Destination, Fate, Prediction, Source};
use portolan_compiler::ir::{
    Endpoint, Frontend, FrontendKind, LocalTraffic, MasqueradeAll, NodeAccess, NodePortScope,
    ServicePort, SourceFilter,
};
use portolan_compiler::model::Mode;
use portolan_compiler::model::service::TrafficPolicy;
use portolan_compiler::model::slice::EndpointState;

use super::Compiled;
use super::clients::Client;

/// What becomes of a client's connection to a frontend.
pub(super) fn prediction(
    node: &Compiled,
    port: &ServicePort,
    frontend: &Frontend,
    to: Destination,
    client: &Client,
) -> Prediction {
    Asked {
        node,
        port,
        frontend,
        to,
        client,
        source: client.source(node, to.address),
    }
    .prediction()
}

struct Asked<'a> {
    node: &'a Compiled,
    port: &'a ServicePort,
    frontend: &'a Frontend,
    to: Destination,
    client: &'a Client,
    source: IpAddr,
}

impl Asked<'_> {
    fn prediction(&self) -> Prediction {
        if !self.is_served_here() {
            return [self.unserved()].into_iter().collect();
        }
        let indices = match self.pool() {
            Ok(pool) => pool,
            Err(outcome) => return [outcome].into_iter().collect(),
        };
        let endpoints = self.port.pool(indices);
        endpoints
            .map(|endpoint| Fate::Reaches(endpoint.socket(), self.seen_by(endpoint)))
            .collect()
    }

    fn mode(&self) -> Mode {
        self.node.mode
    }

    fn local_traffic(&self) -> &LocalTraffic {
        let family = self.port.key.family;
        self.node.program.masquerading.local_traffic(family)
    }

    fn is_pod(&self) -> bool {
        self.client.is_pod(self.local_traffic(), self.source)
    }

    fn is_external(&self) -> bool {
        !matches!(self.frontend.kind, FrontendKind::ClusterIp(_))
    }

    /// Node ports: on every address by default, in mode nftables on the primary one. Mode ipvs never
    /// serves link-local ones by default.
    fn is_served_here(&self) -> bool {
        if self.frontend.kind != FrontendKind::NodePort {
            return true;
        }
        let family = self.port.key.family;
        let node = &self.node.program.node;
        let address = self.to.address;
        match (node.node_port_scope(family), self.mode()) {
            (NodePortScope::Ranges(ranges), _) => ranges.contains(address),
            (NodePortScope::Default, Mode::Nftables) => {
                node.primary_address(family) == Some(address)
            }
            (_, Mode::Ipvs) => match address {
                IpAddr::V4(_) => true,
                IpAddr::V6(address) => !address.is_unicast_link_local(),
            },
            _ => true,
        }
    }

    /// Mode iptables refuses and drops at all addresses what has no endpoints.
    fn unserved(&self) -> Fate {
        match (self.mode(), self.use_of(self.frontend.policy)) {
            (Mode::Iptables, Use::Nowhere) => Fate::Refused,
            (Mode::Iptables, Use::NotHere) => Fate::Silence,
            _ => Fate::NodeItself,
        }
    }

    fn pool(&self) -> Result<&[u32], Fate> {
        if self.mode() == Mode::Ipvs {
            return self.pool_of_ipvs();
        }
        let served = self.use_of(self.frontend.policy);
        // Mode iptables does not ask who sends where there is nobody to answer.
        let asks = self.mode() == Mode::Nftables || served != Use::Nowhere;
        if asks && !self.is_allowed() {
            return Err(Fate::Silence);
        }
        let pools = &self.port.pools;
        match (served, self.is_external()) {
            (Use::Nowhere, external) => Err(self.unanswered(external)),
            (Use::NotHere, false) => Err(Fate::Silence),
            (_, true) if self.frontend.policy == TrafficPolicy::Local => {
                // What the node and its pods send is under no external policy.
                if self.is_pod() || self.client.is_node() {
                    Ok(&pools.cluster)
                } else if served == Use::NotHere {
                    Err(Fate::Silence)
                } else {
                    Ok(&pools.local)
                }
            }
            _ => Ok(match self.frontend.policy {
                TrafficPolicy::Cluster => &pools.cluster,
                TrafficPolicy::Local => &pools.local,
            }),
        }
    }

    /// Mode iptables does not refuse what the node itself sends away to outer addresses.
    fn unanswered(&self, external: bool) -> Fate {
        let leaves = self.client.is_node() && !self.node.vicinity.is_local(self.to.address);
        if self.mode() == Mode::Iptables && external && leaves {
            Fate::RoutedOn(Source::Kept)
        } else {
            Fate::Refused
        }
    }

    /// In mode ipvs policy Local falls back to the cluster's endpoints. What comes in is filtered
    /// before a virtual server sees it, what the node sends after that.
    fn pool_of_ipvs(&self) -> Result<&[u32], Fate> {
        if !self.is_allowed() && !self.client.is_node() {
            return Err(Fate::Silence);
        }
        let pools = &self.port.pools;
        let pool = match self.frontend.policy {
            TrafficPolicy::Local if !pools.local.is_empty() => &pools.local,
            TrafficPolicy::Local | TrafficPolicy::Cluster => &pools.cluster,
        };
        if pool.is_empty() {
            Err(Fate::Refused)
        } else if !self.is_allowed() {
            Err(Fate::Silence)
        } else {
            Ok(pool)
        }
    }

    /// Whether the source ranges let the client in.
    fn is_allowed(&self) -> bool {
        let FrontendKind::LoadBalancer(address, SourceFilter::Ranges { ranges, node }) =
            &self.frontend.kind
        else {
            return true;
        };
        let allowed = *node == NodeAccess::Allowed;
        if self.mode() == Mode::Ipvs && self.client.is_node() {
            // The address is the node's own there, and the source of what it sends to it.
            return allowed;
        }
        ranges
            .iter()
            .any(|range| range.value.contains(&self.source))
            || allowed && self.source == *address
    }

    /// What a policy comes to: `CategorizeEndpoints` of kube-proxy.
    fn use_of(&self, policy: TrafficPolicy) -> Use {
        let pools = &self.port.pools;
        let frontends = &self.port.frontends;
        let local = frontends
            .iter()
            .any(|one| one.policy == TrafficPolicy::Local);
        let usable =
            |one: &Endpoint| matches!(one.state, EndpointState::Ready | EndpointState::Draining);
        let any = !pools.cluster.is_empty() || local && self.port.endpoints.iter().any(usable);
        if !any {
            Use::Nowhere
        } else if policy == TrafficPolicy::Local && pools.local.is_empty() {
            Use::NotHere
        } else {
            Use::ByEndpoints
        }
    }

    /// Whose address an endpoint sees.
    fn seen_by(&self, endpoint: &Endpoint) -> Source {
        // Mode ipvs knows of the node's own endpoints only that they may call themselves.
        let noticed = self.mode() != Mode::Ipvs || endpoint.is_local();
        let hairpin = endpoint.address == self.source && noticed;
        // Only what leaves the node, or is sent by it, gets another source.
        let stays = self.node.vicinity.is_local(endpoint.address);
        if stays && !self.client.is_node() {
            return Source::Kept;
        }
        if hairpin || self.is_masqueraded() {
            Source::Masqueraded
        } else {
            Source::Kept
        }
    }

    fn is_masqueraded(&self) -> bool {
        match (&self.frontend.kind, self.frontend.policy) {
            (FrontendKind::ClusterIp(_), _) => {
                if self.node.program.masquerading.all == MasqueradeAll::Yes {
                    return true;
                }
                match self.local_traffic() {
                    // Mode ipvs sees the node send from the cluster IP itself.
                    LocalTraffic::Unknown => self.mode() == Mode::Ipvs && self.client.is_node(),
                    _ => !self.is_pod(),
                }
            }
            (_, TrafficPolicy::Cluster) => true,
            // With policy Local mode ipvs keeps every address, the others those of all but the node.
            (_, TrafficPolicy::Local) => {
                self.mode() != Mode::Ipvs && self.client.is_node() && !self.is_pod()
            }
        }
    }
}

/// What becomes of the traffic of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    ByEndpoints,
    NotHere,
    Nowhere,
}
