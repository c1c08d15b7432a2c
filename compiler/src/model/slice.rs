//! EndpointSlices, with the API server's defaults completed.

use std::net::IpAddr;

use k8s_openapi::api::discovery::v1 as api;

use super::check::{Check, Target, metadata};
use super::name::{NodeName, PortName, ServiceName};
use super::places::{NodeIndex, Places, ZoneIndex};
use super::service::{LABEL_HEADLESS, LABEL_OTHER_PROXY, ServiceKey};
use super::{IpFamily, Port, Protocol};
use crate::diag::{Code, Findings};
use crate::front::{EndpointManifest, Located, SliceManifest};
use crate::source::{Field, FieldPath, ObjectId, Origin};

/// Label that ties a slice to its Service.
pub(crate) const LABEL_SERVICE: &str = "kubernetes.io/service-name";

/// What an endpoint's conditions come to. Ordered by preference: of the same endpoint in two slices
/// the first of these wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointState {
    /// Ready: takes connections.
    Ready,
    /// Serving and terminating: takes them only while no endpoint is ready.
    Draining,
    /// Serving and not terminating, and yet not ready.
    Unready,
    /// Neither ready nor serving.
    Gone,
}

impl EndpointState {
    /// kube-proxy's reading of absent conditions (`endpointslicecache.go`): ready and serving, and not
    /// terminating. The API says that absent `serving` defers to `ready`; kube-proxy does not.
    pub(crate) fn of(conditions: &api::EndpointConditions) -> Self {
        let ready = conditions.ready.unwrap_or(true);
        let serving = conditions.serving.unwrap_or(true);
        let terminating = conditions.terminating.unwrap_or(false);
        match (ready, serving, terminating) {
            (true, _, _) => Self::Ready,
            (false, true, true) => Self::Draining,
            (false, true, false) => Self::Unready,
            (false, false, _) => Self::Gone,
        }
    }

    /// Whether it serves whoever it has taken already (`IsServing` in `pkg/proxy/endpoint.go`),
    /// though it may take nobody new.
    pub fn serves(self) -> bool {
        match self {
            Self::Ready | Self::Draining | Self::Unready => true,
            Self::Gone => false,
        }
    }
}

/// Whether an endpoint is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Termination {
    /// It is not.
    Running,
    /// It is, whether it still serves or not.
    Terminating,
}

/// Hints for whom an endpoint is meant: `None` where there are none. Places that no Node of the
/// input is at are left out, so a hint may be present and empty. Sorted, each once.
pub type Hints<T> = Option<Box<[T]>>;

/// An endpoint of a slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its first address; the API gives the others no meaning.
    pub address: IpAddr,
    /// The node it is on, if that is a node of the input.
    pub node: Option<NodeIndex>,
    /// What its conditions come to.
    pub state: EndpointState,
    /// Whether it is on its way out.
    pub termination: Termination,
    /// Zones it is meant for.
    pub zone_hints: Hints<ZoneIndex>,
    /// Nodes it is meant for.
    pub node_hints: Hints<NodeIndex>,
    /// Where its address stands.
    pub origin: Origin,
}

/// A port of a slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlicePort {
    /// Name of the Service's port.
    pub name: PortName,
    /// `protocol`; TCP where the manifest does not say.
    pub protocol: Protocol,
    /// The endpoints' port.
    pub port: Port,
}

/// A slice of a Service's endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Where the manifest of the `EndpointSlice` stands.
    pub object: ObjectId,
    /// Its own name: decides between duplicates that are alike.
    pub name: Box<str>,
    /// The Service it belongs to.
    pub service: ServiceKey,
    /// Family of its addresses.
    pub family: IpFamily,
    /// Ports; every endpoint has all of them.
    pub ports: Vec<SlicePort>,
    /// Endpoints, in the manifest's order.
    pub endpoints: Vec<Endpoint>,
}

/// Checks a slice and completes its defaults. `None` where kube-proxy would not see it, and where
/// it cannot be used.
pub(super) fn slice(
    manifest: Located<SliceManifest>,
    places: &Places,
) -> (Option<Slice>, Findings) {
    let mut check = Check::new(manifest.object);
    let slice = build(&mut check, *manifest.value, places);
    (slice, check.findings)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AddressType {
    Ip(IpFamily),
    Fqdn,
}

fn build(check: &mut Check, manifest: SliceManifest, places: &Places) -> Option<Slice> {
    let labels = manifest.labels;
    let name = manifest.name.unwrap_or_default();
    // It decides between slices, and is in no rule.
    let place = check.at(metadata("name"));
    check.inert(|check| check.name("name", &name, NodeName::parse(&name), place));
    let namespace = check.namespace(manifest.namespace.as_deref());
    let address_type = if manifest.address_type.is_empty() {
        check.error(
            Code::MissingField,
            check.at(FieldPath::root()),
            "addressType is missing".to_owned(),
            "add addressType: IPv4 or IPv6",
        );
        None
    } else {
        check.choice(
            Some(&manifest.address_type),
            AddressType::Fqdn,
            &[
                ("IPv4", AddressType::Ip(IpFamily::V4)),
                ("IPv6", AddressType::Ip(IpFamily::V6)),
                ("FQDN", AddressType::Fqdn),
            ],
            check.at(FieldPath::root().key("addressType")),
        )
    };
    let AddressType::Ip(family) = address_type? else {
        check.inert(|check| ports(check, manifest.ports));
        check.warning(
            Code::EndpointPort,
            check.at(FieldPath::root().key("addressType")),
            "a slice of host names (FQDN) is ignored, as kube-proxy ignores it".to_owned(),
            "give the Service slices of addresses, or make it of type ExternalName",
        );
        return None;
    };
    if labels.contains_key(LABEL_OTHER_PROXY) || labels.contains_key(LABEL_HEADLESS) {
        check.inert(|check| {
            ports(check, manifest.ports);
            endpoints(check, manifest.endpoints, family, places);
        });
        return None;
    }
    let ports = ports(check, manifest.ports);
    let endpoints = endpoints(check, manifest.endpoints, family, places);
    let Some(service) = labels.get(LABEL_SERVICE).filter(|name| !name.is_empty()) else {
        check.warning(
            Code::OrphanSlice,
            check.at(metadata("labels")),
            format!("slice has no label {LABEL_SERVICE} and belongs to no Service"),
            "add the label with the Service's name",
        );
        return None;
    };
    let place = check.at(metadata("labels").key(LABEL_SERVICE));
    let parsed = ServiceName::parse(service);
    let service =
        check.inert(|check| check.name("label kubernetes.io/service-name", service, parsed, place));
    Some(Slice {
        object: check.object,
        name: name.into(),
        service: ServiceKey {
            namespace: namespace?,
            name: service?,
        },
        family,
        ports,
        endpoints,
    })
}

fn ports(check: &mut Check, manifests: Vec<api::EndpointPort>) -> Vec<SlicePort> {
    let mut ports = Vec::with_capacity(manifests.len());
    for (i, manifest) in manifests.into_iter().enumerate() {
        let path = || FieldPath::root().key("ports").index(i);
        let protocol = check.protocol(
            manifest.protocol.as_deref(),
            check.at(path().key("protocol")),
        );
        let Some(number) = manifest.port.filter(|port| *port != 0) else {
            check.warning(
                Code::EndpointPort,
                check.at(path()),
                "slice port without a number is ignored, as kube-proxy ignores it".to_owned(),
                "give the port a number: \"all ports\" is not implemented",
            );
            continue;
        };
        let port = check.port(number, check.at(path().key("port")));
        // The API server defaults an absent name to "".
        let text = manifest.name.unwrap_or_default();
        // A name that no Service's port can have leads to none.
        let place = check.at(path().key("name"));
        let name = check.inert(|check| check.port_name(&text, place));
        if let (Some(protocol), Some(port), Some(name)) = (protocol, port, name) {
            ports.push(SlicePort {
                name,
                protocol,
                port,
            });
        }
    }
    ports
}

fn endpoints(
    check: &mut Check,
    manifests: Vec<EndpointManifest>,
    family: IpFamily,
    places: &Places,
) -> Vec<Endpoint> {
    let mut endpoints = Vec::with_capacity(manifests.len());
    for (manifest, i) in manifests.into_iter().zip(0u32..) {
        let field = Field::EndpointAddress(i);
        let Some(text) = &manifest.address else {
            check.warning(
                Code::EndpointPort,
                check.at(FieldPath::root().key("endpoints").index(i as usize)),
                "endpoint without an address is ignored".to_owned(),
                "give it an address",
            );
            continue;
        };
        let origin = Origin {
            object: check.object,
            field,
        };
        let Some(address) = check.target(Target::Endpoint, text, origin) else {
            continue;
        };
        if IpFamily::of(address) != family {
            check.error(
                Code::AddressFamily,
                check.field(field),
                format!("endpoint address {address} is not {family}"),
                "put it into a slice of its own family",
            );
            continue;
        }
        if manifest.further_addresses > 0 {
            check.warning(
                Code::EndpointPort,
                check.at(FieldPath::root().key("endpoints").index(i as usize).key("addresses")),
                format!(
                    "of {} addresses of an endpoint the first counts, {address}; kube-proxy ignores the others",
                    u32::from(manifest.further_addresses) + 1
                ),
                "make endpoints of their own of the others",
            );
        }
        let hints = manifest.hints.map(|hints| *hints).unwrap_or_default();
        endpoints.push(Endpoint {
            address,
            node: manifest
                .node_name
                .as_deref()
                .and_then(|name| places.node(name)),
            state: EndpointState::of(&manifest.conditions),
            termination: if manifest.conditions.terminating == Some(true) {
                Termination::Terminating
            } else {
                Termination::Running
            },
            zone_hints: sorted_hints(hints.for_zones, |zone| places.zone(&zone.name)),
            node_hints: sorted_hints(hints.for_nodes, |node| places.node(&node.name)),
            origin,
        });
    }
    endpoints
}

fn sorted_hints<H, P: Ord>(written: Option<Vec<H>>, place: impl Fn(&H) -> Option<P>) -> Hints<P> {
    let written = written.filter(|hints| !hints.is_empty())?;
    let mut places: Vec<P> = written.iter().filter_map(place).collect();
    places.sort_unstable();
    places.dedup();
    Some(places.into())
}
