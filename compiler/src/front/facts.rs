//! `NodeFacts` of `portolan.dev/v1alpha1`: what no Kubernetes object knows about a node.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// What no Kubernetes object knows about a node: its interfaces, kernel and tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeFacts {
    /// `portolan.dev/v1alpha1`.
    pub api_version: ApiVersion,
    /// `NodeFacts`.
    pub kind: Kind,
    /// Names the Node these facts are about.
    pub metadata: Metadata,
    /// The node's interfaces with their addresses. `lo` with 127.0.0.1/8 and `::1/128` is implied;
    /// kube-ipvs0 is portolan's own and is ignored.
    #[serde(default)]
    pub interfaces: Vec<Interface>,
    /// Kernel release, such as `6.1.0`; a current one by default.
    #[serde(
        default,
        deserialize_with = "as_written",
        skip_serializing_if = "Option::is_none"
    )]
    pub kernel: Option<String>,
    /// The iptables programs on the node; current ones by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iptables: Option<Iptables>,
    /// The program nft on the node; 1.0.6 by default, as what an older one cannot load is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nft: Option<Nft>,
}

/// A version is text, though it may look like a number: 5.10 is not 5.1.
fn as_written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    /// The reader knows this name.
    #[derive(Deserialize)]
    struct AsWritten(String);

    let written = Option::<AsWritten>::deserialize(deserializer)?;
    Ok(written.map(|AsWritten(text)| text))
}

/// The only API version there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApiVersion {
    /// The first version.
    #[default]
    #[serde(rename = "portolan.dev/v1alpha1")]
    V1Alpha1,
}

/// The only kind there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    /// Facts about one node.
    #[default]
    NodeFacts,
}

/// Metadata of [`NodeFacts`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Name of the Node object.
    pub name: String,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// Its name, such as `eth0`.
    pub name: String,
    /// Its addresses with prefix length, such as `192.168.0.41/24`.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// The iptables programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Iptables {
    /// Their version, such as `1.8.9`.
    #[serde(
        default,
        deserialize_with = "as_written",
        skip_serializing_if = "Option::is_none"
    )]
    pub version: Option<String>,
    /// Which kernel interface they speak to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<IptablesVariant>,
}

/// The program nft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nft {
    /// Its version, such as `1.1.3`.
    #[serde(
        default,
        deserialize_with = "as_written",
        skip_serializing_if = "Option::is_none"
    )]
    pub version: Option<String>,
}

/// The kernel interface of the iptables programs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum IptablesVariant {
    /// `nf_tables` underneath.
    Nft,
    /// The older `x_tables`.
    Legacy,
}
