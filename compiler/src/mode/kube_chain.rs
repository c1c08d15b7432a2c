//! Chains of kube-proxy, in modes ipvs and iptables.

use crate::kernel::iptables::build::{chain_name, jump};
use crate::kernel::iptables::{BuiltinChain, ChainName, Jump};

closed_set! {
    /// A chain that every node has.
    pub(super) enum KubeChain {
        /// Empty, and in every table: kube-proxy of mode iptables watches whether it is still there.
        Canary = "KUBE-PROXY-CANARY",
        /// Refuses what is sent in vain from outside.
        ExternalServices = "KUBE-EXTERNAL-SERVICES",
        /// Kubelet's once: keeps neighbours from 127.0.0.0/8.
        Firewall = "KUBE-FIREWALL",
        /// Lets Services' packets through.
        Forward = "KUBE-FORWARD",
        /// Keeps clients from the node's ports at addresses of virtual servers.
        IpvsFilter = "KUBE-IPVS-FILTER",
        /// Refuses what the node itself sends in vain.
        IpvsOutFilter = "KUBE-IPVS-OUT-FILTER",
        /// Marks what is sent to load balancers.
        LoadBalancer = "KUBE-LOAD-BALANCER",
        /// Kubelet's once: marked what was to be dropped.
        MarkDrop = "KUBE-MARK-DROP",
        /// Marks what is to be masqueraded.
        MarkMasq = "KUBE-MARK-MASQ",
        /// Node ports in mode ipvs.
        NodePort = "KUBE-NODE-PORT",
        /// Node ports in mode iptables.
        NodePorts = "KUBE-NODEPORTS",
        /// Masquerades what is marked.
        Postrouting = "KUBE-POSTROUTING",
        /// Drops what source ranges do not allow.
        ProxyFirewall = "KUBE-PROXY-FIREWALL",
        /// Where Services' packets enter.
        Services = "KUBE-SERVICES",
        /// Tells by their source who may use load balancers, in mode ipvs.
        SourceRanges = "KUBE-SOURCE-RANGES-FIREWALL",
    }
}

impl From<KubeChain> for ChainName {
    fn from(chain: KubeChain) -> Self {
        chain_name(chain.as_str())
    }
}

/// The jumps of table nat, which modes ipvs and iptables have alike.
pub(super) fn nat_jumps() -> Vec<Jump> {
    vec![
        jump(
            BuiltinChain::Prerouting,
            KubeChain::Services,
            "kubernetes service portals",
        ),
        jump(
            BuiltinChain::Output,
            KubeChain::Services,
            "kubernetes service portals",
        ),
        jump(
            BuiltinChain::Postrouting,
            KubeChain::Postrouting,
            "kubernetes postrouting rules",
        ),
    ]
}

closed_set! {
    /// What names begin with of chains that a service port or an endpoint has of its own, in mode iptables.
    pub enum HashedChain {
        /// Balances between the endpoints of traffic policy Cluster.
        Cluster = "KUBE-SVC-",
        /// Balances between the endpoints of traffic policy Local.
        Local = "KUBE-SVL-",
        /// What is sent to addresses that outsiders use.
        External = "KUBE-EXT-",
        /// What is sent to load balancer addresses that not everyone may use.
        Firewall = "KUBE-FW-",
        /// Leads to one endpoint.
        Endpoint = "KUBE-SEP-",
    }
}

impl HashedChain {
    /// What kind a chain is, by how its name begins.
    pub fn of(chain: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| chain.starts_with(kind.as_str()))
    }
}
