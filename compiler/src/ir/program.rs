//! Service ports with their endpoints.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::frontend::Frontend;
use super::node::{Masquerading, Node};
use crate::model::name::PortName;
use crate::model::service::{ServiceKey, Sourced};
use crate::model::slice::EndpointState;
use crate::model::{IpFamily, Port, Protocol};
use crate::source::{ObjectId, Origin};

/// Everything one node is to do for Services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The node it is for, as far as rules depend on it.
    pub node: Node,
    /// How senders' addresses are replaced.
    pub masquerading: Masquerading,
    /// Sorted by key.
    pub service_ports: Vec<ServicePort>,
}

/// What identifies a service port. Ordered by family, namespace, Service, port name and protocol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServicePortKey {
    /// Family of its frontends and endpoints: a Service of both has two keys for each port.
    pub family: IpFamily,
    /// Namespace and name of the Service.
    pub service: ServiceKey,
    /// Name of the port; empty where the Service has only one.
    pub port: PortName,
    /// Protocol of the port: two ports of a Service may share all else.
    pub protocol: Protocol,
}

impl fmt::Display for ServicePortKey {
    /// `shop/cart:http`, as kube-proxy writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.service.fmt(f)?;
        if !self.port.as_str().is_empty() {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

/// One port of a Service, in one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort {
    /// What identifies it.
    pub key: ServicePortKey,
    /// The Service's object.
    pub object: ObjectId,
    /// `spec.ports[i]` of the Service: where `explain` leads.
    pub origin: Origin,
    /// Whether a client's connections go to one endpoint, and how long (`sessionAffinity`).
    pub affinity: Affinity,
    /// Where clients reach it: cluster IP, external IPs, load balancer IPs, node port.
    pub frontends: Vec<Frontend>,
    /// All known endpoints, usable or not, sorted by address and port, each once.
    pub endpoints: Vec<Endpoint>,
    /// The chosen ones.
    pub pools: Pools,
    /// Port where load balancers ask whether the node has endpoints.
    pub health_check_node_port: Option<Sourced<Port>>,
}

impl ServicePort {
    /// The endpoints of a pool.
    pub fn pool(&self, pool: &[u32]) -> impl Iterator<Item = &Endpoint> {
        pool.iter().map(|index| &self.endpoints[*index as usize])
    }
}

/// Whether a client keeps its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Affinity {
    /// Every connection is balanced anew.
    None,
    /// Connections of one client address go to one endpoint, until it has been silent this long.
    ClientIp {
        /// Seconds, 1 to 86400.
        timeout: u32,
    },
}

/// An endpoint of a service port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Address of the endpoint, of the service port's family.
    pub address: IpAddr,
    /// The slice's port, which a Service's `targetPort` stands for.
    pub port: Port,
    /// What its conditions come to.
    pub state: EndpointState,
    /// Whether it is on the node.
    pub location: EndpointLocation,
    /// Where its address stands.
    pub origin: Origin,
}

impl Endpoint {
    /// Address and port.
    pub fn socket(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port.get())
    }

    /// Whether it is on the node.
    pub fn is_local(&self) -> bool {
        self.location == EndpointLocation::Local
    }
}

/// Where an endpoint is, seen from the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndpointLocation {
    /// On the node itself.
    Local,
    /// Elsewhere, or nobody knows where.
    Remote,
}

/// The endpoints to use, as indices into [`ServicePort::endpoints`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pools {
    /// For policy Cluster: ready ones near enough, or else serving and terminating ones. Empty too
    /// where no frontend may ever use it.
    pub cluster: Vec<u32>,
    /// For policy Local: of the endpoints on the node the ready ones, or else serving and
    /// terminating ones. Empty too where no frontend has the policy.
    pub local: Vec<u32>,
    /// Whether some frontend has policy Local.
    pub local_policy: LocalPolicy,
}

/// Whether some frontend of a port has policy Local. Where one has, every usable endpoint counts as one
/// of the port's, on whichever node it is and whatever topology says (`UsesLocalEndpoints` in
/// `pkg/proxy/topology.go`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LocalPolicy {
    /// All frontends have policy Cluster.
    #[default]
    Unused,
    /// At least one has.
    Used,
}
