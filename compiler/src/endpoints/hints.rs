//! For whom the controller says that an endpoint is meant.

use crate::model::profile::Topology;
use crate::model::selector::{Hinting, TrafficDistribution};
use crate::model::slice::{Endpoint, EndpointState};
use crate::model::{Cluster, Node, Profile};

/// Which hints a Service's endpoints get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    None,
    Zone,
    ZoneAndNode,
}

/// What a release gives for what a Service asks (`validTrafficDistribution`): values that it does not
/// know count as none.
pub(super) fn given(hinting: Hinting, profile: Profile) -> Given {
    let Hinting::Distribution(distribution) = hinting else {
        return Given::None;
    };
    match (distribution, profile.topology) {
        (_, Topology::Ignored | Topology::AnnotatedZones) => Given::None,
        (TrafficDistribution::PreferClose, Topology::Zones | Topology::NodesThenZones) => {
            Given::Zone
        }
        (_, Topology::Zones) => Given::None,
        (TrafficDistribution::PreferSameZone, Topology::NodesThenZones) => Given::Zone,
        (TrafficDistribution::PreferSameNode, Topology::NodesThenZones) => Given::ZoneAndNode,
    }
}

impl Given {
    /// Gives a ready endpoint its hints: its own zone, and its own node.
    pub(super) fn write(self, endpoint: &mut Endpoint, node: Option<&Node>, cluster: &Cluster) {
        if endpoint.state != EndpointState::Ready || self == Self::None {
            return;
        }
        let zone = node.and_then(|node| node.zone.as_ref());
        let zone = zone.and_then(|zone| cluster.places.zone(zone.as_str()));
        endpoint.zone_hints = zone.map(|zone| Box::from([zone]));
        if self == Self::ZoneAndNode {
            endpoint.node_hints = endpoint.node.map(|node| Box::from([node]));
        }
    }
}
