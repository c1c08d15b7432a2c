//! Chains.

use std::fmt;

use super::{Memory, PortName, SetName};

/// A chain of the table, by what it does.
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
    /// Answers that nothing listens there.
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
    /// Sends a client to the endpoint that it had, if it had one.
    Recall(Memory),
    /// Notes the endpoint of a client of a Service port for this many seconds.
    Remember(PortName, u32),
    /// Asks for the node's address instead of the sender's.
    MarkForMasquerade,
    /// Gives the node's address where that was asked for.
    Masquerading,
}

/// A chain that chooses one of a number of endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Balance {
    /// How the frontend is found.
    pub place: FoundBy,
    /// Which of its pools.
    pub pool: Pool,
    /// How many endpoints there are, at least 1.
    pub size: u32,
}

/// How a frontend is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FoundBy {
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

const RECALL: &str = "recall";
const REMEMBER: &str = "remember";

impl Balance {
    /// The map of endpoints it chooses from.
    pub fn endpoints(self) -> SetName {
        match (self.place, self.pool) {
            (FoundBy::Address, Pool::Main) => SetName::Endpoints,
            (FoundBy::Address, Pool::Local) => SetName::LocalEndpoints,
            (FoundBy::NodePort, Pool::Main) => SetName::NodePortEndpoints,
            (FoundBy::NodePort, Pool::Local) => SetName::LocalNodePortEndpoints,
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
            Self::Recall(_) => RECALL,
            Self::Remember(..) => REMEMBER,
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
        if let Some(rest) = text.strip_prefix(REMEMBER) {
            let (seconds, port) = rest.strip_prefix('-')?.split_once('-')?;
            return Some(Self::Remember(PortName::parse(port)?, number(seconds)?));
        }
        let (policy, rest) = Memory::policy(text);
        if let Some(port) = rest.strip_prefix(RECALL) {
            let port = PortName::parse(port.strip_prefix('-')?)?;
            return Some(Self::Recall(Memory { port, policy }));
        }
        let (pool, rest) = match text.strip_prefix("local-") {
            Some(rest) => (Pool::Local, rest),
            None => (Pool::Main, text),
        };
        let (place, rest) = match rest.strip_prefix("nodeport-") {
            Some(rest) => (FoundBy::NodePort, rest),
            None => (FoundBy::Address, rest),
        };
        Some(Self::Balance(Balance {
            place,
            pool,
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
            Self::Recall(memory) => write!(f, "{}{RECALL}-{}", memory.prefix(), memory.port),
            Self::Remember(port, seconds) => write!(f, "{REMEMBER}-{seconds}-{port}"),
            Self::Balance(balance) => {
                if balance.pool == Pool::Local {
                    f.write_str("local-")?;
                }
                if balance.place == FoundBy::NodePort {
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
    use crate::model::service::TrafficPolicy;

    #[test]
    fn chain_names_are_read_back() {
        let mut names: Vec<ChainName> = ChainName::BASE
            .into_iter()
            .chain(ChainName::FIXED)
            .collect();
        let port = PortName::parse("fd00__a/tcp/80").unwrap();
        names.push(ChainName::Remember(port, 10_800));
        for policy in [TrafficPolicy::Cluster, TrafficPolicy::Local] {
            names.push(ChainName::Recall(Memory { port, policy }));
        }
        for place in [FoundBy::Address, FoundBy::NodePort] {
            for pool in [Pool::Main, Pool::Local] {
                names.push(ChainName::Balance(Balance {
                    place,
                    pool,
                    size: 12,
                }));
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
            "nodeport-local-balance-3",
            "remember-",
            "remember-0-10.96.0.10/tcp/80",
            "recall-10.96.0.10/tcp",
            "balance",
        ] {
            assert_eq!(ChainName::parse(text), None, "{text}");
        }
    }
}
