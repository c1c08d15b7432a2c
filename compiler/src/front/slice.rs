//! What of an `EndpointSlice` is of use.
//!
//! A cluster has far more endpoints than anything else, and most of what the API says of one is for
//! other readers. It is dropped by the thread that parsed it, before the next slice is read.

use std::collections::BTreeMap;

use k8s_openapi::api::discovery::v1 as api;

/// What portolan's own annotations start with.
pub const OWN_PREFIX: &str = "portolan.dev/";

/// An `EndpointSlice` of `discovery.k8s.io/v1`, as written: nothing is defaulted or validated yet.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceManifest {
    /// `metadata.name`, which decides between duplicates.
    pub name: Option<String>,
    /// `metadata.namespace`: its Service's.
    pub namespace: Option<String>,
    /// `metadata.labels`: one names the Service.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`, those of [`OWN_PREFIX`].
    pub annotations: BTreeMap<String, String>,
    /// `addressType`: `IPv4`, `IPv6` or `FQDN`.
    pub address_type: String,
    /// `ports`: those that all its endpoints serve.
    pub ports: Vec<api::EndpointPort>,
    /// `endpoints`, in the slice's order.
    pub endpoints: Vec<EndpointManifest>,
}

/// An endpoint of a slice, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointManifest {
    /// `addresses[0]`; the API gives the others no meaning.
    pub address: Option<String>,
    /// How many more addresses it has.
    pub further_addresses: u16,
    /// `conditions`: ready, serving and terminating.
    pub conditions: api::EndpointConditions,
    /// `nodeName`: the node it is on, where that is known.
    pub node_name: Option<String>,
    /// `hints`: the zones and nodes that are to use it.
    pub hints: Option<Box<api::EndpointHints>>,
}

impl From<api::EndpointSlice> for SliceManifest {
    fn from(slice: api::EndpointSlice) -> Self {
        Self {
            name: slice.metadata.name,
            namespace: slice.metadata.namespace,
            labels: slice.metadata.labels.unwrap_or_default(),
            annotations: own(slice.metadata.annotations.unwrap_or_default()),
            address_type: slice.address_type,
            ports: slice.ports.unwrap_or_default(),
            endpoints: endpoints(slice.endpoints.unwrap_or_default()),
        }
    }
}

impl From<api::Endpoint> for EndpointManifest {
    fn from(endpoint: api::Endpoint) -> Self {
        let further = endpoint.addresses.len().saturating_sub(1);
        Self {
            address: endpoint.addresses.into_iter().next(),
            further_addresses: u16::try_from(further).unwrap_or(u16::MAX),
            conditions: endpoint.conditions.unwrap_or_default(),
            node_name: endpoint.node_name,
            hints: endpoint.hints.map(Box::new),
        }
    }
}

fn own(mut annotations: BTreeMap<String, String>) -> BTreeMap<String, String> {
    annotations.retain(|key, _| key.starts_with(OWN_PREFIX));
    annotations
}

/// In an allocation of its own: `collect` would keep the one of the larger elements.
fn endpoints(list: Vec<api::Endpoint>) -> Vec<EndpointManifest> {
    let mut endpoints = Vec::with_capacity(list.len());
    endpoints.extend(list.into_iter().map(EndpointManifest::from));
    endpoints
}
