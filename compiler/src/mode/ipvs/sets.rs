//! kube-proxy's seventeen sets (`pkg/proxy/ipvs/ipset.go`).

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::ipset::{Entry, Set, SetHeader, SetName, SetType};
use crate::model::IpFamily;
use crate::source::{Origin, Origins};

closed_set! {
    /// One of kube-proxy's sets, in order of its IPv4 name.
    pub enum KubeSet {
        /// Cluster IPs with protocol and port, whose traffic may be masqueraded.
        ClusterIp = "CLUSTER-IP",
        /// External IPs with policy Cluster.
        ExternalIp = "EXTERNAL-IP",
        /// External IPs with policy Local.
        ExternalIpLocal = "EXTERNAL-IP-LOCAL",
        /// Health check node ports.
        HealthCheckNodePort = "HEALTH-CHECK-NODE-PORT",
        /// Every address bound to kube-ipvs0.
        IpvsIps = "IPVS-IPS",
        /// Load balancer IPs.
        LoadBalancer = "LOAD-BALANCER",
        /// Load balancer IPs with source ranges.
        LoadBalancerFw = "LOAD-BALANCER-FW",
        /// Load balancer IPs with policy Local.
        LoadBalancerLocal = "LOAD-BALANCER-LOCAL",
        /// Load balancer IPs with the ranges of clients that may use them.
        LoadBalancerSourceCidr = "LOAD-BALANCER-SOURCE-CIDR",
        /// Load balancer IPs that the node itself may use.
        LoadBalancerSourceIp = "LOAD-BALANCER-SOURCE-IP",
        /// Endpoints on the node, for packets that come back to their sender.
        LoopBack = "LOOP-BACK",
        /// SCTP node ports with policy Local.
        NodePortLocalSctp = "NODE-PORT-LOCAL-SCTP-HASH",
        /// TCP node ports with policy Local.
        NodePortLocalTcp = "NODE-PORT-LOCAL-TCP",
        /// UDP node ports with policy Local.
        NodePortLocalUdp = "NODE-PORT-LOCAL-UDP",
        /// SCTP node ports.
        NodePortSctp = "NODE-PORT-SCTP-HASH",
        /// TCP node ports.
        NodePortTcp = "NODE-PORT-TCP",
        /// UDP node ports.
        NodePortUdp = "NODE-PORT-UDP",
    }
}

impl KubeSet {
    /// The set's name: `KUBE-…`, or `KUBE-6-…` cut to what the kernel takes.
    pub fn name(self, family: IpFamily) -> SetName {
        let (prefix, base) = self.name_parts(family);
        SetName::new(&format!("{prefix}{base}")).expect("the names above are of safe characters")
    }

    /// The set of this name, in whichever family.
    pub fn named(name: &str) -> Option<Self> {
        IpFamily::ALL.into_iter().find_map(|family| {
            let is = |set: &Self| {
                let (prefix, base) = set.name_parts(family);
                name.strip_prefix(prefix) == Some(base)
            };
            Self::ALL.into_iter().find(is)
        })
    }

    /// The family of the set with this name.
    pub fn family(name: &str) -> Option<IpFamily> {
        let set = Self::named(name)?;
        let mut families = IpFamily::ALL.into_iter();
        families.find(|family| {
            let (prefix, base) = set.name_parts(*family);
            name.strip_prefix(prefix) == Some(base)
        })
    }

    /// What kube-proxy makes of the set with this name.
    pub fn header(name: &str) -> Option<SetHeader> {
        let set_type = Self::named(name)?.set_type();
        Some(SetHeader::kube_proxy(set_type, Self::family(name)?))
    }

    fn name_parts(self, family: IpFamily) -> (&'static str, &'static str) {
        let prefix = match family {
            IpFamily::V4 => "KUBE-",
            IpFamily::V6 => "KUBE-6-",
        };
        let base = self.as_str();
        (
            prefix,
            &base[..base.len().min(SetName::LIMIT - prefix.len())],
        )
    }

    /// The set's type.
    pub fn set_type(self) -> SetType {
        match self {
            Self::ClusterIp
            | Self::ExternalIp
            | Self::ExternalIpLocal
            | Self::LoadBalancer
            | Self::LoadBalancerFw
            | Self::LoadBalancerLocal
            | Self::NodePortLocalSctp
            | Self::NodePortSctp => SetType::HashIpPort,
            Self::LoadBalancerSourceCidr => SetType::HashIpPortNet,
            Self::LoadBalancerSourceIp | Self::LoopBack => SetType::HashIpPortIp,
            Self::IpvsIps => SetType::HashIp,
            Self::HealthCheckNodePort
            | Self::NodePortLocalTcp
            | Self::NodePortLocalUdp
            | Self::NodePortTcp
            | Self::NodePortUdp => SetType::BitmapPort,
        }
    }

    /// The comment kube-proxy writes on rules that match the set.
    pub fn comment(self) -> &'static str {
        match self {
            Self::ClusterIp => "Kubernetes service cluster ip + port for masquerade purpose",
            Self::ExternalIp => {
                "Kubernetes service external ip + port for masquerade and filter purpose"
            }
            Self::ExternalIpLocal => {
                "Kubernetes service external ip + port with externalTrafficPolicy=local"
            }
            Self::HealthCheckNodePort => "Kubernetes health check node port",
            Self::IpvsIps => "Kubernetes IPVS IPs",
            Self::LoadBalancer => "Kubernetes service lb portal",
            Self::LoadBalancerFw => {
                "Kubernetes service load balancer ip + port for load balancer with sourceRange"
            }
            Self::LoadBalancerLocal => {
                "Kubernetes service load balancer ip + port with externalTrafficPolicy=local"
            }
            Self::LoadBalancerSourceCidr => {
                "Kubernetes service load balancer ip + port + source cidr for packet filter purpose"
            }
            Self::LoadBalancerSourceIp => {
                "Kubernetes service load balancer ip + port + source IP for packet filter purpose"
            }
            Self::LoopBack => {
                "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose"
            }
            Self::NodePortLocalSctp => {
                "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'"
            }
            Self::NodePortLocalTcp => {
                "Kubernetes nodeport TCP port with externalTrafficPolicy=local"
            }
            Self::NodePortLocalUdp => {
                "Kubernetes nodeport UDP port with externalTrafficPolicy=local"
            }
            Self::NodePortSctp => {
                "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'"
            }
            Self::NodePortTcp => "Kubernetes nodeport TCP port for masquerade purpose",
            Self::NodePortUdp => "Kubernetes nodeport UDP port for masquerade purpose",
        }
    }
}

/// The sets of one family while they are filled.
#[derive(Debug, Default)]
pub(super) struct SetBuilder {
    entries: BTreeMap<KubeSet, Vec<(Entry, Origin)>>,
}

impl SetBuilder {
    /// Adds an entry; adding one twice is fine.
    pub(super) fn add(&mut self, set: KubeSet, entry: Entry, origin: Origin) {
        self.entries.entry(set).or_default().push((entry, origin));
    }

    /// The sets that have an entry.
    pub(super) fn used(&self) -> BTreeSet<KubeSet> {
        self.entries.keys().copied().collect()
    }

    /// All sets of the family, sorted by name.
    pub(super) fn finish(mut self, family: IpFamily) -> Vec<Set> {
        KubeSet::ALL
            .into_iter()
            .map(|set| Set {
                name: set.name(family),
                header: SetHeader::kube_proxy(set.set_type(), family),
                entries: sorted(self.entries.remove(&set).unwrap_or_default()),
            })
            .collect()
    }
}

fn sorted(mut entries: Vec<(Entry, Origin)>) -> Vec<(Entry, Origins)> {
    entries.sort_unstable();
    entries.dedup();
    let mut merged: Vec<(Entry, Origins)> = Vec::with_capacity(entries.len());
    for (entry, origin) in entries {
        match merged.last_mut() {
            Some((last, origins)) if *last == entry => origins.push(origin),
            _ => merged.push((entry, [origin].into())),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_as_kube_proxy_cuts_them() {
        let name = |set: KubeSet| set.name(IpFamily::V6).as_str().to_owned();
        assert_eq!(
            name(KubeSet::LoadBalancerSourceCidr),
            "KUBE-6-LOAD-BALANCER-SOURCE-CID"
        );
        assert_eq!(
            name(KubeSet::NodePortLocalSctp),
            "KUBE-6-NODE-PORT-LOCAL-SCTP-HAS"
        );
    }

    #[test]
    fn sets_are_known_by_their_names() {
        for (family, set) in IpFamily::ALL
            .into_iter()
            .flat_map(|family| KubeSet::ALL.map(|set| (family, set)))
        {
            assert_eq!(KubeSet::named(set.name(family).as_str()), Some(set));
        }
        for other in [
            "KUBE-CLUSTER",
            "KUBE-6-",
            "KUBE-6-NODE-PORT-LOCAL-SCTP-HASH",
            "kube",
        ] {
            assert_eq!(KubeSet::named(other), None, "{other}");
        }
    }

    #[test]
    fn sets_are_listed_in_order_of_their_names() {
        for family in IpFamily::ALL {
            assert!(KubeSet::ALL.map(|set| set.name(family)).is_sorted());
        }
    }
}
