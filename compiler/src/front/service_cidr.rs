//! A `ServiceCIDR` of any version of its API: its fields are the same in all of them.

use k8s_openapi::api::networking::v1::{ServiceCIDRSpec, ServiceCIDRStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

/// A `ServiceCIDR` of `networking.k8s.io`, as written: `v1`, or the `v1beta1` and `v1alpha1` that
/// older releases serve.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "Written")]
pub struct ServiceCidrManifest {
    /// `metadata`: its name.
    pub metadata: ObjectMeta,
    /// `spec.cidrs`: at most one range of each family, as written.
    pub cidrs: Vec<String>,
}

/// With the fields that say nothing here, so that they are not taken for unknown ones.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "named to be known")]
struct Written {
    api_version: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    metadata: ObjectMeta,
    spec: Option<ServiceCIDRSpec>,
    status: Option<ServiceCIDRStatus>,
}

impl From<Written> for ServiceCidrManifest {
    fn from(written: Written) -> Self {
        let cidrs = written.spec.and_then(|spec| spec.cidrs);
        Self {
            metadata: written.metadata,
            cidrs: cidrs.unwrap_or_default(),
        }
    }
}
