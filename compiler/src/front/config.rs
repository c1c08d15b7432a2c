//! `KubeProxyConfiguration` of `kubeproxy.config.k8s.io/v1alpha1`, the fields that reach the packet
//! rules or that portolan must warn about; k8s-openapi does not carry this API. The reader
//! reports fields that are missing here, unless they are known to program no rules.

use serde::{Deserialize, Serialize};

use crate::source::Segment;

/// kube-proxy's configuration file, as written: [`crate::model::config`] validates it.
///
/// Source: `k8s.io/kube-proxy/config/v1alpha1/types.go`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeProxyConfiguration {
    /// `iptables`, `ipvs`, `nftables`, `kernelspace` or the bygone `userspace`.
    pub mode: Option<String>,
    /// The node's own address for kube-proxy; `0.0.0.0` means to ask the Node object.
    pub bind_address: Option<String>,
    /// Name of the Node, where it is not the host's name.
    #[serde(rename = "hostnameOverride")]
    pub hostname_override: Option<String>,
    /// Pod ranges, separated by commas.
    #[serde(rename = "clusterCIDR")]
    pub cluster_cidr: Option<String>,
    /// How pods' traffic is told from other traffic.
    pub detect_local_mode: Option<String>,
    /// What `detect_local_mode` needs to know.
    pub detect_local: Option<DetectLocal>,
    /// Ranges of node addresses that serve node ports.
    pub node_port_addresses: Option<Vec<String>>,
    /// Settings of mode ipvs.
    pub ipvs: Option<Ipvs>,
    /// Settings of mode iptables; masquerading is read in mode ipvs too.
    pub iptables: Option<Iptables>,
    /// Settings of mode nftables.
    pub nftables: Option<Nftables>,
    /// Limits of connections.
    pub conntrack: Option<Conntrack>,
    /// Features switched on or off by name.
    pub feature_gates: Option<std::collections::BTreeMap<String, bool>>,
}

/// Fields of the API at the top level that program no rules, today's and those of older releases.
const INERT: [&str; 20] = [
    "apiVersion",
    "bindAddressHardFail",
    "clientConnection",
    "configSyncPeriod",
    "enableProfiling",
    "healthzBindAddress",
    "healthzPort",
    "kind",
    "logging",
    "metadata",
    "metricsBindAddress",
    "metricsPort",
    "oomScoreAdj",
    "portRange",
    "resourceContainer",
    "showHiddenMetricsForVersion",
    "udpIdleTimeout",
    "udpTimeoutMilliseconds",
    "windowsRunAsService",
    "winkernel",
];

/// Whether a field that [`KubeProxyConfiguration`] lacks is one of the API all the same.
pub(super) fn is_inert(path: &[Segment]) -> bool {
    match path {
        [Segment::Key(key)] => INERT.contains(&&**key),
        // Timeouts, which program no rules.
        [Segment::Key(key), _] => key == "conntrack",
        _ => false,
    }
}

/// `detectLocal`: by what the traffic of pods is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DetectLocal {
    /// Bridge that pods hang on, for `BridgeInterface`.
    pub bridge_interface: Option<String>,
    /// Prefix of the pods' interfaces, for `InterfaceNamePrefix`.
    pub interface_name_prefix: Option<String>,
}

/// `conntrack`, as far as releases differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Conntrack {
    /// Connections for each processor; 0 leaves the node's limit alone.
    pub max_per_core: Option<i32>,
    /// The least that the limit is set to.
    pub min: Option<i32>,
}

/// `ipvs`. Durations are text in Go's notation, such as `1m30s`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ipvs {
    /// Scheduler; empty means `rr`.
    pub scheduler: Option<String>,
    /// Ranges of virtual servers that clean-up leaves alone.
    #[serde(rename = "excludeCIDRs")]
    pub exclude_cidrs: Option<Vec<String>>,
    /// Answer ARP only for addresses of the asked interface.
    #[serde(rename = "strictARP")]
    pub strict_arp: Option<bool>,
    /// Idle TCP sessions.
    pub tcp_timeout: Option<String>,
    /// TCP sessions after a FIN.
    pub tcp_fin_timeout: Option<String>,
    /// Idle UDP flows.
    pub udp_timeout: Option<String>,
    /// Resync period; programs no rules.
    pub sync_period: Option<String>,
    /// Least time between syncs; programs no rules.
    pub min_sync_period: Option<String>,
}

/// `iptables`: what mode iptables is set to, and parts of mode ipvs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Iptables {
    /// Bit of the packet mark that asks for masquerading; 14 by default.
    pub masquerade_bit: Option<i32>,
    /// Masquerade everything sent to a cluster IP.
    pub masquerade_all: Option<bool>,
    /// Serve node ports on 127.0.0.1; mode iptables only.
    pub localhost_node_ports: Option<bool>,
    /// Resync period; programs no rules.
    pub sync_period: Option<String>,
    /// Least time between syncs; programs no rules.
    pub min_sync_period: Option<String>,
}

/// `nftables`: what mode nftables is set to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Nftables {
    /// Bit of the packet mark that asks for masquerading; 14 by default.
    pub masquerade_bit: Option<i32>,
    /// Masquerade everything sent to a cluster IP.
    pub masquerade_all: Option<bool>,
    /// Resync period; programs no rules.
    pub sync_period: Option<String>,
    /// Least time between syncs; programs no rules.
    pub min_sync_period: Option<String>,
}
