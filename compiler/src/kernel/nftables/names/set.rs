//! Sets and maps.

use std::fmt;

use super::{Memory, PortName};

/// A set or a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetName {
    /// Cluster IPs in use.
    ClusterIps,
    /// Ranges that cluster IPs come from.
    ServiceRanges,
    /// Addresses of the node that serve node ports.
    NodePortIps,
    /// Frontends that not everyone may use.
    FirewallIps,
    /// Who may use them.
    FirewallAllowed,
    /// Frontends without endpoints, and what becomes of their connections.
    NoEndpointServices,
    /// The same for node ports.
    NoEndpointNodePorts,
    /// Frontends for clients outside of the cluster, and how these are treated.
    ExternalServices,
    /// The same for node ports.
    ExternalNodePorts,
    /// Frontends with the chains that balance them.
    ServiceIps,
    /// The same for node ports.
    ServiceNodePorts,
    /// Frontends whose clients may have an endpoint, with the chains that find it.
    RecallServices,
    /// The same for node ports.
    RecallNodePorts,
    /// Frontends of traffic policy Local, for clients that it applies to.
    LocalServiceIps,
    /// The same for node ports.
    LocalServiceNodePorts,
    /// The first of these whose clients may have an endpoint, with the chains that find it.
    LocalRecallServices,
    /// The same for node ports.
    LocalRecallNodePorts,
    /// Endpoints of each frontend, counted from 0.
    Endpoints,
    /// The same for node ports.
    NodePortEndpoints,
    /// Endpoints of traffic policy Local.
    LocalEndpoints,
    /// The same for node ports.
    LocalNodePortEndpoints,
    /// Frontends whose clients keep their endpoint, and for how long.
    AffinityServices,
    /// The same for node ports.
    AffinityNodePorts,
    /// Connections of an endpoint with itself.
    HairpinConnections,
    /// The endpoints that a memory may have: only for a Service port with several memories.
    Members(Memory),
    /// Which endpoint each client has: what the kernel remembers.
    Affinity(Memory),
}

const MEMBERS: &str = "members";
const AFFINITY: &str = "affinity";

impl SetName {
    /// Those that every table has, in the order they are written.
    pub const FIXED: [Self; 24] = [
        Self::ClusterIps,
        Self::ServiceRanges,
        Self::NodePortIps,
        Self::FirewallIps,
        Self::FirewallAllowed,
        Self::NoEndpointServices,
        Self::NoEndpointNodePorts,
        Self::ExternalServices,
        Self::ExternalNodePorts,
        Self::ServiceIps,
        Self::ServiceNodePorts,
        Self::RecallServices,
        Self::RecallNodePorts,
        Self::LocalServiceIps,
        Self::LocalServiceNodePorts,
        Self::LocalRecallServices,
        Self::LocalRecallNodePorts,
        Self::Endpoints,
        Self::NodePortEndpoints,
        Self::LocalEndpoints,
        Self::LocalNodePortEndpoints,
        Self::AffinityServices,
        Self::AffinityNodePorts,
        Self::HairpinConnections,
    ];

    /// The name; of one that belongs to a memory, what all such names have in common.
    fn fixed(self) -> &'static str {
        match self {
            Self::ClusterIps => "cluster-ips",
            Self::ServiceRanges => "service-ranges",
            Self::NodePortIps => "nodeport-ips",
            Self::FirewallIps => "firewall-ips",
            Self::FirewallAllowed => "firewall-allowed",
            Self::NoEndpointServices => "no-endpoint-services",
            Self::NoEndpointNodePorts => "no-endpoint-nodeports",
            Self::ExternalServices => "external-services",
            Self::ExternalNodePorts => "external-nodeports",
            Self::ServiceIps => "service-ips",
            Self::ServiceNodePorts => "service-nodeports",
            Self::RecallServices => "recall-services",
            Self::RecallNodePorts => "recall-nodeports",
            Self::LocalServiceIps => "local-service-ips",
            Self::LocalServiceNodePorts => "local-service-nodeports",
            Self::LocalRecallServices => "local-recall-services",
            Self::LocalRecallNodePorts => "local-recall-nodeports",
            Self::Endpoints => "endpoints",
            Self::NodePortEndpoints => "nodeport-endpoints",
            Self::LocalEndpoints => "local-endpoints",
            Self::LocalNodePortEndpoints => "local-nodeport-endpoints",
            Self::AffinityServices => "affinity-services",
            Self::AffinityNodePorts => "affinity-nodeports",
            Self::HairpinConnections => "hairpin-connections",
            Self::Members(_) => MEMBERS,
            Self::Affinity(_) => AFFINITY,
        }
    }

    /// The set with this name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut fixed = Self::FIXED.into_iter();
        if let Some(name) = fixed.find(|name| name.fixed() == text) {
            return Some(name);
        }
        let (policy, rest) = Memory::policy(text);
        let memory = |start| {
            let port = PortName::parse(rest.strip_prefix(start)?.strip_prefix('-')?)?;
            Some(Memory { port, policy })
        };
        let members = memory(MEMBERS).map(Self::Members);
        members.or_else(|| memory(AFFINITY).map(Self::Affinity))
    }

    /// What its keys are.
    pub fn key(self) -> KeyShape {
        match self {
            Self::ClusterIps | Self::NodePortIps => KeyShape::Address,
            Self::ServiceRanges => KeyShape::Range,
            Self::FirewallIps
            | Self::NoEndpointServices
            | Self::ExternalServices
            | Self::ServiceIps
            | Self::RecallServices
            | Self::LocalServiceIps
            | Self::LocalRecallServices
            | Self::AffinityServices => KeyShape::Frontend,
            Self::NoEndpointNodePorts
            | Self::ExternalNodePorts
            | Self::ServiceNodePorts
            | Self::RecallNodePorts
            | Self::LocalServiceNodePorts
            | Self::LocalRecallNodePorts
            | Self::AffinityNodePorts => KeyShape::NodePort,
            Self::FirewallAllowed => KeyShape::FrontendAndRange,
            Self::Endpoints | Self::LocalEndpoints => KeyShape::FrontendSlot,
            Self::NodePortEndpoints | Self::LocalNodePortEndpoints => KeyShape::NodePortSlot,
            Self::HairpinConnections => KeyShape::Connection,
            Self::Members(_) => KeyShape::Endpoint,
            Self::Affinity(_) => KeyShape::Client,
        }
    }

    /// What it maps to; `None` for a mere set.
    pub fn data(self) -> Option<DataShape> {
        match self {
            Self::ClusterIps
            | Self::ServiceRanges
            | Self::NodePortIps
            | Self::FirewallIps
            | Self::FirewallAllowed
            | Self::HairpinConnections
            | Self::Members(_) => None,
            Self::NoEndpointServices
            | Self::NoEndpointNodePorts
            | Self::ExternalServices
            | Self::ExternalNodePorts
            | Self::ServiceIps
            | Self::ServiceNodePorts
            | Self::RecallServices
            | Self::RecallNodePorts
            | Self::LocalServiceIps
            | Self::LocalServiceNodePorts
            | Self::LocalRecallServices
            | Self::LocalRecallNodePorts
            | Self::AffinityServices
            | Self::AffinityNodePorts => Some(DataShape::Verdict),
            Self::Endpoints
            | Self::NodePortEndpoints
            | Self::LocalEndpoints
            | Self::LocalNodePortEndpoints
            | Self::Affinity(_) => Some(DataShape::Endpoint),
        }
    }
}

impl fmt::Display for SetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Members(memory) | Self::Affinity(memory) => {
                write!(f, "{}{}-{}", memory.prefix(), self.fixed(), memory.port)
            }
            other => f.write_str(other.fixed()),
        }
    }
}

/// What the keys of a set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyShape {
    /// An address, of the table's family.
    Address,
    /// A range of addresses.
    Range,
    /// Address, protocol and port.
    Frontend,
    /// Protocol and port.
    NodePort,
    /// A frontend and a range of clients.
    FrontendAndRange,
    /// A frontend and a number below the size of its pool.
    FrontendSlot,
    /// A node port and a number below the size of its pool.
    NodePortSlot,
    /// A client's address.
    Client,
    /// Address and port of an endpoint.
    Endpoint,
    /// Source and destination address.
    Connection,
}

/// What the values of a map are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataShape {
    /// What becomes of the packet.
    Verdict,
    /// Address and port.
    Endpoint,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::service::TrafficPolicy;

    #[test]
    fn set_names_are_read_back() {
        let mut names: Vec<SetName> = SetName::FIXED.into();
        for port in ["10.96.0.10/tcp/80", "fd00__a/udp/53"] {
            for policy in [TrafficPolicy::Cluster, TrafficPolicy::Local] {
                let port = PortName::parse(port).unwrap();
                let memory = Memory { port, policy };
                names.extend([SetName::Members(memory), SetName::Affinity(memory)]);
            }
        }
        for name in names {
            assert_eq!(SetName::parse(&name.to_string()), Some(name), "{name}");
        }
        for text in [
            "",
            "affinity",
            "affinity-",
            "members-10.96.0.10",
            "local-endpoints-1",
        ] {
            assert_eq!(SetName::parse(text), None, "{text}");
        }
    }
}
