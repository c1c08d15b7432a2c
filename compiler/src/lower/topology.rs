//! Topology: whether a node uses only the endpoints meant for it (`pkg/proxy/topology.go`).

use crate::model::places::{NodeIndex, ZoneIndex};
use crate::model::profile::{Profile, Topology};
use crate::model::service::{Service, TopologyAnnotation};
use crate::model::slice::{Endpoint, EndpointState};

/// From where endpoints are chosen: a node, as far as it has a name and a zone among the places that
/// endpoints have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standpoint {
    /// Its place among those of endpoints; `None` where no endpoint can be on it.
    pub(crate) node: Option<NodeIndex>,
    /// Its zone among those of endpoints' hints; `None` where it has none that a hint names.
    pub(crate) zone: Option<ZoneIndex>,
}

impl Standpoint {
    /// Whether an endpoint is on the node.
    pub(super) fn has(self, endpoint: &Endpoint) -> bool {
        endpoint.node.is_some() && endpoint.node == self.node
    }
}

/// Which ready endpoints a node uses; the narrower first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Those meant for itself.
    Node,
    /// Those meant for its zone.
    Zone,
    /// All of them, wherever they are.
    Everywhere,
}

impl Scope {
    /// Whether the scope takes an endpoint in.
    pub(super) fn takes(self, endpoint: &Endpoint, at: Standpoint) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Zone => hinted(endpoint.zone_hints.as_deref(), at.zone),
            Self::Node => hinted(endpoint.node_hints.as_deref(), at.node),
        }
    }
}

/// How hints concern a place; the first of these is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concern {
    /// They name it.
    Here,
    /// They name others.
    Elsewhere,
    /// There are none.
    Nowhere,
}

/// How an endpoint's hints concern a node and its zone: all that is ever asked of them.
pub(super) fn concern(endpoint: &Endpoint, at: Standpoint) -> (Concern, Concern) {
    fn of<T: PartialEq>(hints: Option<&[T]>, wanted: Option<T>) -> Concern {
        match hints {
            None => Concern::Nowhere,
            Some(_) if hinted(hints, wanted) => Concern::Here,
            Some(_) => Concern::Elsewhere,
        }
    }
    (
        of(endpoint.node_hints.as_deref(), at.node),
        of(endpoint.zone_hints.as_deref(), at.zone),
    )
}

fn hinted<T: PartialEq>(hints: Option<&[T]>, wanted: Option<T>) -> bool {
    match (hints, wanted) {
        (Some(hints), Some(wanted)) => hints.contains(&wanted),
        _ => false,
    }
}

/// Decides by the hints of all ready endpoints together: they count only if every one has some, and
/// one names this place.
pub(super) fn scope<'a>(
    service: &Service,
    endpoints: impl Iterator<Item = &'a Endpoint> + Clone,
    at: Standpoint,
    profile: Profile,
) -> Scope {
    let ready = endpoints.filter(|endpoint| endpoint.state == EndpointState::Ready);
    let zones = || {
        at.zone.is_some()
            && ready.clone().all(|endpoint| endpoint.zone_hints.is_some())
            && ready
                .clone()
                .any(|endpoint| hinted(endpoint.zone_hints.as_deref(), at.zone))
    };
    let nodes = || {
        ready.clone().all(|endpoint| endpoint.node_hints.is_some())
            && ready
                .clone()
                .any(|endpoint| hinted(endpoint.node_hints.as_deref(), at.node))
    };
    match profile.topology {
        Topology::Ignored => Scope::Everywhere,
        Topology::AnnotatedZones if service.topology_annotation == TopologyAnnotation::Absent => {
            Scope::Everywhere
        }
        Topology::AnnotatedZones | Topology::Zones => {
            if zones() {
                Scope::Zone
            } else {
                Scope::Everywhere
            }
        }
        Topology::NodesThenZones => {
            if nodes() {
                Scope::Node
            } else if zones() {
                Scope::Zone
            } else {
                Scope::Everywhere
            }
        }
    }
}
