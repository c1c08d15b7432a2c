//! `LintConfig` of `portolan.dev/v1alpha1`: which findings matter here, and what lint cannot know by
//! itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::ApiVersion;

/// Which findings matter here, and what lint cannot know by itself. Everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LintConfig {
    /// `portolan.dev/v1alpha1`.
    pub api_version: ApiVersion,
    /// `LintConfig`.
    pub kind: Kind,
    /// Severities by rule, such as `PTL011: error`. What compile refuses stays an error.
    #[serde(default)]
    pub rules: BTreeMap<String, Level>,
    /// External IPs that are allowed (PTL011). Without this, each external IP is reported; with it,
    /// those that no entry allows, as errors.
    #[serde(rename = "externalIPs", default)]
    pub external_ips: Option<Vec<Allowance>>,
    /// Load balancer addresses that are allowed (PTL012).
    #[serde(rename = "loadBalancerIPs", default)]
    pub load_balancer_ips: Option<Vec<Allowance>>,
    /// Ranges that load balancers send their health checks from, to their own addresses (PTL014).
    #[serde(default)]
    pub health_check_ranges: Vec<String>,
    /// Classes of load balancers that this cluster has a controller for (PTL031).
    #[serde(default)]
    pub load_balancer_classes: Option<Vec<String>>,
    /// Ranges that cluster IPs are allocated from: `--service-cluster-ip-range` (PTL010, PTL023).
    #[serde(rename = "serviceCIDRs", default)]
    pub service_cidrs: Vec<String>,
    /// Ports that node ports are allocated from: `--service-node-port-range`, 30000-32767 by default
    /// (PTL019).
    #[serde(default)]
    pub node_port_range: Option<String>,
    /// Ports that nodes use for their own connections: `net.ipv4.ip_local_port_range`, 32768-60999 by
    /// default (PTL019).
    #[serde(default)]
    pub local_port_range: Option<String>,
    /// Ports that something else listens on, on every node (PTL019); those of Kubernetes itself are
    /// known.
    #[serde(default)]
    pub host_ports: Vec<u16>,
    /// Masks of packet marks that other programs use, such as `0xffff0000` (PTL034).
    #[serde(default)]
    pub foreign_marks: Vec<String>,
    /// Endpoints of one port of a Service that are still fine; 1000 by default (PTL026).
    #[serde(default)]
    pub endpoints_per_port: Option<u32>,
}

/// The only kind there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    /// How to lint.
    #[default]
    LintConfig,
}

/// How much the findings of a rule matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not at all: they are not reported.
    Off,
    /// Good to know.
    Info,
    /// Somebody should look.
    Warning,
    /// Wrong.
    Error,
}

/// Addresses that Services may have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Namespaces of these Services; all of them where there are none.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Ranges of the addresses.
    pub ranges: Vec<String>,
}
