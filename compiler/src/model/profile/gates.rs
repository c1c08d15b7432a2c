//! Feature gates as a configuration sets them.

use std::collections::BTreeMap;

use super::KubeVersion;
use super::gate::{Gate, Lock, Stage, Standing, Switch};
use super::near_gate::is_near;

/// Switches all gates of stage alpha.
const ALL_ALPHA: &str = "AllAlpha";
/// Switches all gates of stage beta.
const ALL_BETA: &str = "AllBeta";

/// Gates of kube-proxy that decide nothing about rules, nor anything else here.
const WITHOUT_EFFECT: [&str; 5] = [
    "KubeProxyDrainingTerminatingNodes",
    "MultiCIDRServiceAllocator",
    "NFTablesNetlink",
    ALL_ALPHA,
    ALL_BETA,
];

/// The gates of a release under a configuration (`k8s.io/component-base/featuregate`).
#[derive(Debug, Clone, Copy)]
pub struct Gates<'a> {
    version: KubeVersion,
    written: &'a BTreeMap<String, bool>,
}

/// What there is to say of a gate that a configuration sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateFault<'a> {
    /// It is locked, and set to the other way: kube-proxy does not start.
    Locked {
        /// The gate that `featureGates` names.
        gate: Gate,
        /// The way that it is locked to.
        to: Switch,
    },
    /// It is kube-proxy's own in other releases, and this one's does not start with it.
    Missing(Gate),
    /// It is no gate that decides something here, and nearly has the name of one.
    NearMiss {
        /// The name as written.
        written: &'a str,
        /// The name that may be meant.
        meant: &'static str,
    },
    /// Nothing is known of it here: it may be another component's.
    Unknown(&'a str),
}

impl<'a> Gates<'a> {
    /// The gates of a release, as far as `written` does not set them.
    pub fn new(version: KubeVersion, written: &'a BTreeMap<String, bool>) -> Self {
        Self { version, written }
    }

    /// Which way a gate is; off where the release does not have it.
    pub fn switch(self, gate: Gate) -> Switch {
        let Some(standing) = gate.standing(self.version) else {
            return Switch::Off;
        };
        if standing.lock == Lock::Locked {
            return standing.default;
        }
        let written = |name: &str| self.written.get(name).copied().map(Switch::from);
        // A gate of its own name counts before those that switch many.
        let by_stage = || match standing.stage {
            Stage::Alpha => written(ALL_ALPHA),
            Stage::Beta => written(ALL_BETA),
            Stage::Stable | Stage::Deprecated => None,
        };
        written(gate.as_str())
            .or_else(by_stage)
            .unwrap_or(standing.default)
    }

    /// The gates of the table that are set, and how they stand in the release.
    pub fn set(self) -> impl Iterator<Item = (Gate, Option<Standing>)> {
        let named = self.written.keys().filter_map(|name| name.parse().ok());
        named.map(move |gate: Gate| (gate, gate.standing(self.version)))
    }

    /// What there is to say of the gates that are set, by name.
    pub fn faults(self) -> impl Iterator<Item = GateFault<'a>> {
        self.written.iter().filter_map(move |(name, on)| {
            let Ok(gate) = name.parse::<Gate>() else {
                return unknown(name);
            };
            let Some(standing) = gate.standing(self.version) else {
                return Some(GateFault::Missing(gate));
            };
            let against = standing.lock == Lock::Locked && standing.default != Switch::from(*on);
            against.then_some(GateFault::Locked {
                gate,
                to: standing.default,
            })
        })
    }
}

fn unknown(name: &str) -> Option<GateFault<'_>> {
    if WITHOUT_EFFECT.contains(&name) {
        return None;
    }
    // Those that switch many decide about each of them.
    let names = Gate::ALL.map(Gate::as_str).into_iter();
    let near = names
        .chain([ALL_ALPHA, ALL_BETA])
        .filter(|gate| is_near(name, gate));
    // Of several it is the one that needs the least.
    Some(
        match near.min_by_key(|gate| gate.len().abs_diff(name.len())) {
            Some(meant) => GateFault::NearMiss {
                written: name,
                meant,
            },
            None => GateFault::Unknown(name),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(minor: u8) -> KubeVersion {
        KubeVersion::from_minor(minor).unwrap()
    }

    fn written(list: &[(&str, bool)]) -> BTreeMap<String, bool> {
        let gates = list.iter();
        gates.map(|(name, on)| ((*name).to_owned(), *on)).collect()
    }

    #[test]
    fn gates_of_a_stage_are_switched_together() {
        let prefer = "PreferSameTrafficDistribution";
        for (minor, set, expected) in [
            (33, &[][..], Switch::Off),
            (34, &[], Switch::On),
            (33, &[("AllAlpha", true)], Switch::On),
            (33, &[("AllBeta", true)], Switch::Off),
            (33, &[("AllAlpha", true), (prefer, false)], Switch::Off),
            (34, &[("AllBeta", false)], Switch::Off),
            (34, &[("AllBeta", false), (prefer, true)], Switch::On),
            (34, &[("AllAlpha", false)], Switch::On),
            (35, &[("AllBeta", false)], Switch::On),
            (35, &[(prefer, false)], Switch::On),
            (32, &[(prefer, true)], Switch::Off),
        ] {
            let written = written(set);
            let gates = Gates::new(version(minor), &written);
            let found = gates.switch(Gate::PreferSameTrafficDistribution);
            assert_eq!(found, expected, "1.{minor} {set:?}");
        }
    }

    #[test]
    fn a_gate_that_is_set_in_vain_is_told() {
        let (gate, to) = (Gate::PreferSameTrafficDistribution, Switch::On);
        for (minor, name, on, expected) in [
            (
                35,
                gate.as_str(),
                false,
                Some(GateFault::Locked { gate, to }),
            ),
            (35, gate.as_str(), true, None),
            (34, gate.as_str(), false, None),
            (32, gate.as_str(), true, Some(GateFault::Missing(gate))),
            (34, "NodeSwap", true, Some(GateFault::Unknown("NodeSwap"))),
            (34, "NFTablesNetlink", true, None),
            (34, "AllAlpha", true, None),
        ] {
            let written = written(&[(name, on)]);
            let mut faults = Gates::new(version(minor), &written).faults();
            assert_eq!(faults.next(), expected, "1.{minor} {name}={on}");
        }
    }

    #[test]
    fn a_near_miss_is_told_with_the_right_name() {
        for (name, expected) in [
            ("KubeProxyIVPS", Some("KubeProxyIPVS")),
            ("allAlpha", Some("AllAlpha")),
            ("AllBetas", Some("AllBeta")),
            ("AllBeta", None),
            ("NFTablesProxy", Some("NFTablesProxyMode")),
            ("TrafficDistribution", Some("ServiceTrafficDistribution")),
            ("NFTablesNetlink", None),
            ("NodeSwap", None),
        ] {
            let found = match unknown(name) {
                Some(GateFault::NearMiss { meant, .. }) => Some(meant),
                _ => None,
            };
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn gates_that_are_set_are_told_with_their_standing() {
        let written = written(&[("KubeProxyIPVS", true), ("NodeSwap", true)]);
        let known = |minor| {
            let set = Gates::new(version(minor), &written).set();
            set.map(|(gate, standing)| (gate, standing.is_some()))
                .collect::<Vec<_>>()
        };
        assert_eq!(known(36), [(Gate::KubeProxyIpvs, false)]);
        assert_eq!(known(37), [(Gate::KubeProxyIpvs, true)]);
    }

    #[test]
    fn the_table_of_gates_is_in_order() {
        let names = Gate::ALL.map(Gate::as_str);
        assert!(names.is_sorted(), "{names:?}");
        for gate in Gate::ALL {
            let known = KubeVersion::all().any(|version| gate.standing(version).is_some());
            assert!(known, "{gate:?} is in no release");
        }
    }
}
