//! What differs between the releases of kube-proxy that are mirrored.

use std::collections::BTreeMap;

use crate::model::KubeVersion;

/// Which topology hints of endpoints are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topology {
    /// None at all: `TopologyAwareHints` is switched off.
    Ignored,
    /// Zone hints, where the Service has the annotation (1.30 to 1.32).
    AnnotatedZones,
    /// Zone hints (from 1.33).
    Zones,
    /// Node hints, else zone hints (from 1.35).
    NodesThenZones,
}

/// The rules of one release, as far as they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Topology hints.
    pub topology: Topology,
}

impl Profile {
    /// The rules of a release with feature gates of the configuration.
    ///
    /// A gate counts only while the release still has it (`pkg/features/kube_features.go`):
    /// `ServiceTrafficDistribution` makes hints count without the annotation before 1.33,
    /// `TopologyAwareHints` can be switched off before 1.33, and `PreferSameTrafficDistribution`
    /// can be set in 1.33 and 1.34.
    pub fn new(version: KubeVersion, gates: &BTreeMap<String, bool>) -> Self {
        let gate = |name: &str| gates.get(name).copied();
        let topology = match version.minor() {
            ..=32 if gate("TopologyAwareHints") == Some(false) => Topology::Ignored,
            ..=32 if gate("ServiceTrafficDistribution") == Some(true) => Topology::Zones,
            ..=32 => Topology::AnnotatedZones,
            33 | 34 if gate("PreferSameTrafficDistribution") == Some(true) => {
                Topology::NodesThenZones
            }
            33 | 34 => Topology::Zones,
            35.. => Topology::NodesThenZones,
        };
        Self { topology }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topology_follows_release_and_gates() {
        let gates = |list: &[(&str, bool)]| -> BTreeMap<String, bool> {
            list.iter()
                .map(|(name, on)| ((*name).to_owned(), *on))
                .collect()
        };
        for (minor, set, expected) in [
            (30, &[][..], Topology::AnnotatedZones),
            (32, &[], Topology::AnnotatedZones),
            (30, &[("ServiceTrafficDistribution", true)], Topology::Zones),
            (30, &[("TopologyAwareHints", false)], Topology::Ignored),
            (33, &[], Topology::Zones),
            (33, &[("TopologyAwareHints", false)], Topology::Zones),
            (
                34,
                &[("PreferSameTrafficDistribution", true)],
                Topology::NodesThenZones,
            ),
            (35, &[], Topology::NodesThenZones),
            (37, &[], Topology::NodesThenZones),
        ] {
            let version = KubeVersion::from_minor(minor).unwrap();
            assert_eq!(
                Profile::new(version, &gates(set)).topology,
                expected,
                "1.{minor} {set:?}"
            );
        }
    }
}
