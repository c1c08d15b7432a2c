//! Topology: whether a node uses only the endpoints meant for it (`pkg/proxy/topology.go`).

use super::node::NodeView;
use crate::model::profile::{Profile, Topology};
use crate::model::service::{Service, TopologyAnnotation};
use crate::model::slice::{Endpoint, EndpointState};

/// Which ready endpoints a node uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All.
    Everywhere,
    /// Those meant for its zone.
    Zone,
    /// Those meant for itself.
    Node,
}

impl Scope {
    /// Whether the scope takes an endpoint in.
    pub(super) fn takes(self, endpoint: &Endpoint, node: &NodeView) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Zone => hinted(endpoint.zone_hints.as_deref(), node.zone),
            Self::Node => hinted(endpoint.node_hints.as_deref(), node.index),
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
pub(super) fn concern(endpoint: &Endpoint, node: &NodeView) -> (Concern, Concern) {
    fn of<T: PartialEq>(hints: Option<&[T]>, wanted: Option<T>) -> Concern {
        match hints {
            None => Concern::Nowhere,
            Some(_) if hinted(hints, wanted) => Concern::Here,
            Some(_) => Concern::Elsewhere,
        }
    }
    (
        of(endpoint.node_hints.as_deref(), node.index),
        of(endpoint.zone_hints.as_deref(), node.zone),
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
    node: &NodeView,
    profile: Profile,
) -> Scope {
    let ready = endpoints.filter(|endpoint| endpoint.state == EndpointState::Ready);
    let zones = || {
        node.zone.is_some()
            && ready.clone().all(|endpoint| endpoint.zone_hints.is_some())
            && ready
                .clone()
                .any(|endpoint| hinted(endpoint.zone_hints.as_deref(), node.zone))
    };
    let nodes = || {
        ready.clone().all(|endpoint| endpoint.node_hints.is_some())
            && ready
                .clone()
                .any(|endpoint| hinted(endpoint.node_hints.as_deref(), node.index))
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
