//! Hints of endpoints that come: those that the others of their Service have.

use crate::model::places::ZoneIndex;
use crate::model::slice::{Endpoint, EndpointState, Slice};

/// Which hints endpoints have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hinted {
    zones: bool,
    nodes: bool,
}

impl Hinted {
    /// Those of the ready endpoints that there are; `None` where there is none.
    pub(super) fn of(slices: &[Slice]) -> Option<Self> {
        let endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
        let mut ready = endpoints
            .filter(|endpoint| endpoint.state == EndpointState::Ready)
            .peekable();
        ready.peek()?;
        let none = Self {
            zones: false,
            nodes: false,
        };
        Some(ready.fold(none, |hinted, endpoint| Self {
            zones: hinted.zones || endpoint.zone_hints.is_some(),
            nodes: hinted.nodes || endpoint.node_hints.is_some(),
        }))
    }

    /// Those of one endpoint.
    pub(super) fn of_one(endpoint: &Endpoint) -> Self {
        Self {
            zones: endpoint.zone_hints.is_some(),
            nodes: endpoint.node_hints.is_some(),
        }
    }

    /// Means an endpoint for its own zone, and its own node.
    pub(super) fn write(self, endpoint: &mut Endpoint, zone: Option<ZoneIndex>) {
        let ready = endpoint.state == EndpointState::Ready;
        let zone = zone.filter(|_| self.zones && ready);
        endpoint.zone_hints = zone.map(|zone| Box::from([zone]));
        let node = endpoint.node.filter(|_| self.nodes && ready);
        endpoint.node_hints = node.map(|node| Box::from([node]));
    }
}
