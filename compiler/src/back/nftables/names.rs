//! Names of sets, maps and chains: a closed list, so that rules cannot lead nowhere.

use std::fmt;

/// Name of the table, in each family.
pub const TABLE: &str = "portolan";

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
    /// Frontends of traffic policy Local, for clients that it applies to.
    LocalServiceIps,
    /// The same for node ports.
    LocalServiceNodePorts,
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
    /// Which endpoint a client has at a frontend: what the kernel remembers.
    Affinity,
    /// Connections of an endpoint of the node with itself.
    HairpinConnections,
}

impl SetName {
    /// All of them, in the order they are written.
    pub const ALL: [Self; 21] = [
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
        Self::LocalServiceIps,
        Self::LocalServiceNodePorts,
        Self::Endpoints,
        Self::NodePortEndpoints,
        Self::LocalEndpoints,
        Self::LocalNodePortEndpoints,
        Self::AffinityServices,
        Self::AffinityNodePorts,
        Self::Affinity,
        Self::HairpinConnections,
    ];

    /// The name as text.
    pub fn as_str(self) -> &'static str {
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
            Self::LocalServiceIps => "local-service-ips",
            Self::LocalServiceNodePorts => "local-service-nodeports",
            Self::Endpoints => "endpoints",
            Self::NodePortEndpoints => "nodeport-endpoints",
            Self::LocalEndpoints => "local-endpoints",
            Self::LocalNodePortEndpoints => "local-nodeport-endpoints",
            Self::AffinityServices => "affinity-services",
            Self::AffinityNodePorts => "affinity-nodeports",
            Self::Affinity => "affinity",
            Self::HairpinConnections => "hairpin-connections",
        }
    }

    /// The set with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
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
            | Self::LocalServiceIps
            | Self::AffinityServices => KeyShape::Frontend,
            Self::NoEndpointNodePorts
            | Self::ExternalNodePorts
            | Self::ServiceNodePorts
            | Self::LocalServiceNodePorts
            | Self::AffinityNodePorts => KeyShape::NodePort,
            Self::FirewallAllowed => KeyShape::FrontendAndRange,
            Self::Endpoints | Self::LocalEndpoints => KeyShape::FrontendSlot,
            Self::NodePortEndpoints | Self::LocalNodePortEndpoints => KeyShape::NodePortSlot,
            Self::Affinity => KeyShape::ClientAndFrontend,
            Self::HairpinConnections => KeyShape::Connection,
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
            | Self::HairpinConnections => None,
            Self::NoEndpointServices
            | Self::NoEndpointNodePorts
            | Self::ExternalServices
            | Self::ExternalNodePorts
            | Self::ServiceIps
            | Self::ServiceNodePorts
            | Self::LocalServiceIps
            | Self::LocalServiceNodePorts
            | Self::AffinityServices
            | Self::AffinityNodePorts => Some(DataShape::Verdict),
            Self::Endpoints
            | Self::NodePortEndpoints
            | Self::LocalEndpoints
            | Self::LocalNodePortEndpoints
            | Self::Affinity => Some(DataShape::Endpoint),
        }
    }
}

impl fmt::Display for SetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the keys of a set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyShape {
    /// An address.
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
    /// A client's address and a frontend.
    ClientAndFrontend,
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

/// A chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChainName {
    /// Before addresses are translated: who may use a load balancer.
    FilterPreroutingPreDnat,
    /// The same for what the node itself sends.
    FilterOutputPreDnat,
    /// What is sent to the node.
    FilterInput,
    /// What passes through the node.
    FilterForward,
    /// What the node sends.
    FilterOutput,
    /// Translates what comes in.
    NatPrerouting,
    /// Notes the affinity of what goes to endpoints at the node's own addresses.
    NatInput,
    /// Translates what the node sends.
    NatOutput,
    /// Notes affinity and replaces senders' addresses.
    NatPostrouting,
    /// Drops what source ranges keep away.
    FirewallCheck,
    /// Refuses or drops what has no endpoint.
    ServiceEndpointsCheck,
    /// The same for node ports.
    NodePortEndpointsCheck,
    /// Refuses what cluster IPs do not offer.
    ClusterIpsCheck,
    /// Refuses.
    RejectChain,
    /// Finds the frontend.
    Services,
    /// The same for node ports.
    NodePorts,
    /// Traffic policy Local for clients outside of the cluster.
    LocalPolicy,
    /// The same for node ports.
    NodePortLocalPolicy,
    /// Chooses an endpoint.
    Balance(Balance),
    /// Finds how long clients keep their endpoint.
    RecordAffinity,
    /// Notes the endpoint of a client for this many seconds.
    Remember(u32),
    /// Asks for the node's address instead of the sender's.
    MarkForMasquerade,
    /// Gives the node's address where that was asked for.
    Masquerading,
}

/// A chain that chooses one of a number of endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Balance {
    /// How the frontend is found.
    pub place: Place,
    /// Which of its pools.
    pub pool: Pool,
    /// Whether clients keep their endpoint.
    pub affinity: Sticky,
    /// How many endpoints there are, at least 1.
    pub size: u32,
}

/// How a frontend is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// By its address.
    Address,
    /// By its port at an address of the node.
    NodePort,
}

/// Which pool of a frontend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pool {
    /// The one for everybody who is under no external policy.
    Main,
    /// That of external policy Local.
    Local,
}

/// Whether clients keep their endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sticky {
    /// They do.
    Yes,
    /// They do not.
    No,
}

impl Balance {
    /// The map of endpoints it chooses from.
    pub fn endpoints(self) -> SetName {
        match (self.place, self.pool) {
            (Place::Address, Pool::Main) => SetName::Endpoints,
            (Place::Address, Pool::Local) => SetName::LocalEndpoints,
            (Place::NodePort, Pool::Main) => SetName::NodePortEndpoints,
            (Place::NodePort, Pool::Local) => SetName::LocalNodePortEndpoints,
        }
    }
}

impl ChainName {
    /// Chains that every table has, apart from those that begin at a hook.
    pub const FIXED: [Self; 12] = [
        Self::FirewallCheck,
        Self::ServiceEndpointsCheck,
        Self::NodePortEndpointsCheck,
        Self::ClusterIpsCheck,
        Self::RejectChain,
        Self::Services,
        Self::NodePorts,
        Self::LocalPolicy,
        Self::NodePortLocalPolicy,
        Self::RecordAffinity,
        Self::MarkForMasquerade,
        Self::Masquerading,
    ];

    /// Chains that begin at a hook.
    pub const BASE: [Self; 9] = [
        Self::FilterPreroutingPreDnat,
        Self::FilterOutputPreDnat,
        Self::FilterInput,
        Self::FilterForward,
        Self::FilterOutput,
        Self::NatPrerouting,
        Self::NatInput,
        Self::NatOutput,
        Self::NatPostrouting,
    ];

    fn fixed(self) -> &'static str {
        match self {
            Self::FilterPreroutingPreDnat => "filter-prerouting-pre-dnat",
            Self::FilterOutputPreDnat => "filter-output-pre-dnat",
            Self::FilterInput => "filter-input",
            Self::FilterForward => "filter-forward",
            Self::FilterOutput => "filter-output",
            Self::NatPrerouting => "nat-prerouting",
            Self::NatInput => "nat-input",
            Self::NatOutput => "nat-output",
            Self::NatPostrouting => "nat-postrouting",
            Self::FirewallCheck => "firewall-check",
            Self::ServiceEndpointsCheck => "service-endpoints-check",
            Self::NodePortEndpointsCheck => "nodeport-endpoints-check",
            Self::ClusterIpsCheck => "cluster-ips-check",
            Self::RejectChain => "reject-chain",
            Self::Services => "services",
            Self::NodePorts => "nodeports",
            Self::LocalPolicy => "local-policy",
            Self::NodePortLocalPolicy => "nodeport-local-policy",
            Self::Balance(_) => "balance",
            Self::RecordAffinity => "record-affinity",
            Self::Remember(_) => "remember",
            Self::MarkForMasquerade => "mark-for-masquerade",
            Self::Masquerading => "masquerading",
        }
    }

    /// The chain with this name.
    pub fn parse(text: &str) -> Option<Self> {
        let fixed = Self::BASE.into_iter().chain(Self::FIXED);
        if let Some(name) = fixed.into_iter().find(|name| name.fixed() == text) {
            return Some(name);
        }
        if let Some(seconds) = text.strip_prefix("remember-") {
            return number(seconds).map(Self::Remember);
        }
        let (affinity, rest) = match text.strip_prefix("affine-") {
            Some(rest) => (Sticky::Yes, rest),
            None => (Sticky::No, text),
        };
        let (pool, rest) = match rest.strip_prefix("local-") {
            Some(rest) => (Pool::Local, rest),
            None => (Pool::Main, rest),
        };
        let (place, rest) = match rest.strip_prefix("nodeport-") {
            Some(rest) => (Place::NodePort, rest),
            None => (Place::Address, rest),
        };
        Some(Self::Balance(Balance {
            place,
            pool,
            affinity,
            size: number(rest.strip_prefix("balance-")?)?,
        }))
    }
}

/// A number as it is written, without sign and leading zeros; never 0.
fn number(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|number: &u32| *number > 0 && number.to_string() == text)
}

impl fmt::Display for ChainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remember(seconds) => write!(f, "remember-{seconds}"),
            Self::Balance(balance) => {
                if balance.affinity == Sticky::Yes {
                    f.write_str("affine-")?;
                }
                if balance.pool == Pool::Local {
                    f.write_str("local-")?;
                }
                if balance.place == Place::NodePort {
                    f.write_str("nodeport-")?;
                }
                write!(f, "balance-{}", balance.size)
            }
            other => f.write_str(other.fixed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_names_are_read_back() {
        let mut names: Vec<ChainName> = ChainName::BASE
            .into_iter()
            .chain(ChainName::FIXED)
            .collect();
        names.push(ChainName::Remember(10_800));
        for place in [Place::Address, Place::NodePort] {
            for pool in [Pool::Main, Pool::Local] {
                for affinity in [Sticky::Yes, Sticky::No] {
                    names.push(ChainName::Balance(Balance {
                        place,
                        pool,
                        affinity,
                        size: 12,
                    }));
                }
            }
        }
        for name in names {
            assert_eq!(ChainName::parse(&name.to_string()), Some(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_nobodys() {
        for text in [
            "",
            "balance-0",
            "balance-03",
            "balance-+3",
            "local-affine-balance-3",
            "remember-",
            "balance",
        ] {
            assert_eq!(ChainName::parse(text), None, "{text}");
        }
    }
}
