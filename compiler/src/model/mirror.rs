//! Endpoints of the older API, as the mirroring controller turns them into slices.
//!
//! Source: `k8s.io/endpointslice-mirroring` (`pkg/controller/endpointslicemirroring`).

use k8s_openapi::api::core::v1::{EndpointAddress, EndpointSubset, Endpoints};

use super::Port;
use super::address::IpFamily;
use super::check::{Check, Target, metadata};
use super::name::ServiceName;
use super::places::Places;
use super::service::{LABEL_HEADLESS, LABEL_OTHER_PROXY, ServiceKey};
use super::slice::{Endpoint, EndpointState, Slice, SlicePort, Termination};
use crate::diag::Findings;
use crate::front::Located;
use crate::source::{Field, FieldPath, Origin, SubsetList};

pub(crate) const LABEL_SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";
pub(crate) const ANNOTATION_LEADER: &str = "control-plane.alpha.kubernetes.io/leader";

/// The slices of one Endpoints object: one for each subset and family.
pub(super) fn slices(manifest: Located<Endpoints>, places: &Places) -> (Vec<Slice>, Findings) {
    let mut check = Check::new(manifest.object);
    let slices = build(&mut check, *manifest.value, places).unwrap_or_default();
    (slices, check.findings)
}

fn build(check: &mut Check, manifest: Endpoints, places: &Places) -> Option<Vec<Slice>> {
    let meta = manifest.metadata;
    let labels = meta.labels.unwrap_or_default();
    let name = meta.name.unwrap_or_default();
    let service = check.name(
        "name",
        &name,
        ServiceName::parse(&name),
        check.at(metadata("name")),
    );
    let namespace = check.namespace(meta.namespace.as_deref());
    let skipped = labels.get(LABEL_SKIP).is_some_and(|value| value == "true")
        || meta
            .annotations
            .unwrap_or_default()
            .contains_key(ANNOTATION_LEADER)
        || labels.contains_key(LABEL_OTHER_PROXY)
        || labels.contains_key(LABEL_HEADLESS);
    let key = ServiceKey {
        namespace: namespace?,
        name: service?,
    };
    let mut slices = Vec::new();
    for (subset, i) in manifest.subsets.unwrap_or_default().into_iter().zip(0u16..) {
        let ports = ports(check, &subset, i);
        let endpoints = addresses(check, subset, i, places);
        for family in IpFamily::ALL {
            let endpoints: Vec<_> = endpoints
                .iter()
                .filter(|endpoint| IpFamily::of(endpoint.address) == family)
                .cloned()
                .collect();
            if !endpoints.is_empty() && !skipped {
                slices.push(Slice {
                    object: check.object,
                    name: format!("{name}-{i}").into(),
                    service: key.clone(),
                    family,
                    ports: ports.clone(),
                    endpoints,
                });
            }
        }
    }
    Some(slices)
}

fn ports(check: &mut Check, subset: &EndpointSubset, index: u16) -> Vec<SlicePort> {
    let manifests = subset.ports.as_deref().unwrap_or_default();
    manifests
        .iter()
        .enumerate()
        .filter_map(|(i, manifest)| {
            let path = || {
                FieldPath::root()
                    .key("subsets")
                    .index(usize::from(index))
                    .key("ports")
                    .index(i)
            };
            let protocol = check.protocol(
                manifest.protocol.as_deref(),
                check.at(path().key("protocol")),
            );
            let port: Option<Port> = check.port(manifest.port, check.at(path().key("port")));
            let text = manifest.name.clone().unwrap_or_default();
            let name = check.port_name(&text, check.at(path().key("name")));
            Some(SlicePort {
                name: name?,
                protocol: protocol?,
                port: port?,
            })
        })
        .collect()
}

fn addresses(
    check: &mut Check,
    subset: EndpointSubset,
    index: u16,
    places: &Places,
) -> Vec<Endpoint> {
    let lists = [
        (SubsetList::Ready, EndpointState::Ready, subset.addresses),
        // The controller sets ready: false and nothing else.
        (
            SubsetList::NotReady,
            EndpointState::Unready,
            subset.not_ready_addresses,
        ),
    ];
    let mut endpoints = Vec::new();
    for (list, state, addresses) in lists {
        for (address, i) in addresses.unwrap_or_default().into_iter().zip(0u32..) {
            let EndpointAddress { ip, node_name, .. } = address;
            let field = Field::SubsetAddress {
                subset: index,
                list,
                address: i,
            };
            let origin = Origin {
                object: check.object,
                field,
            };
            let Some(address) = check.target(Target::Endpoint, &ip, origin) else {
                continue;
            };
            endpoints.push(Endpoint {
                address,
                node: node_name.as_deref().and_then(|name| places.node(name)),
                state,
                termination: Termination::Running,
                zone_hints: None,
                node_hints: None,
                origin,
            });
        }
    }
    endpoints
}
