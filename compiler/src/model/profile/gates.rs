//! Feature gates as a configuration sets them.

use std::collections::BTreeMap;

use super::KubeVersion;
use super::gate::{Gate, Lock, Stage, Switch};

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
        /// The gate.
        gate: Gate,
        /// The way that it is locked to.
        to: Switch,
    },
    /// It decides something in other releases.
    Missing(Gate),
    /// It is no gate that decides something here, and nearly has the name of one.
    NearMiss {
        /// The name as written.
        written: &'a str,
        /// The gate that may be meant.
        meant: Gate,
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
        written(gate.name())
            .or_else(by_stage)
            .unwrap_or(standing.default)
    }

    /// What there is to say of the gates that are set, by name.
    pub fn faults(self) -> impl Iterator<Item = GateFault<'a>> {
        self.written.iter().filter_map(move |(name, on)| {
            let Some(gate) = Gate::named(name) else {
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
    let meant = Gate::ALL
        .into_iter()
        .find(|gate| is_near(name, gate.name()));
    Some(match meant {
        Some(meant) => GateFault::NearMiss {
            written: name,
            meant,
        },
        None => GateFault::Unknown(name),
    })
}

/// Whether a name is another one mistyped: a few letters differ, their case aside.
fn is_near(written: &str, name: &str) -> bool {
    /// One letter in so many may be wrong.
    const LETTERS: usize = 6;
    let (written, most) = (written.trim(), name.len() / LETTERS);
    // Comparing letter by letter is for those that may be near: a configuration may have any number.
    if written.len().abs_diff(name.len()) > most || differing(written, name) > 2 * most {
        return false;
    }
    let (written, name) = (written.to_lowercase(), name.to_lowercase());
    strsim::osa_distance(&written, &name) <= most
}

/// How many letters one of the names has more often than the other, wherever they stand. Each mistake
/// makes two of them at most.
fn differing(one: &str, other: &str) -> usize {
    let mut count = [0i32; 256];
    let mut add = |name: &str, by: i32| {
        for byte in name.bytes() {
            count[usize::from(byte.to_ascii_lowercase())] += by;
        }
    };
    add(one, 1);
    add(other, -1);
    count
        .iter()
        .map(|count| count.unsigned_abs() as usize)
        .sum()
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
            (35, gate.name(), false, Some(GateFault::Locked { gate, to })),
            (35, gate.name(), true, None),
            (34, gate.name(), false, None),
            (32, gate.name(), true, Some(GateFault::Missing(gate))),
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
    fn a_near_miss_is_no_other_gate() {
        for (name, expected) in [
            (
                "PreferSameTrafficDistributon",
                Some(Gate::PreferSameTrafficDistribution),
            ),
            (
                "PreferSameTraficDistribution",
                Some(Gate::PreferSameTrafficDistribution),
            ),
            ("KubeProxyIpvs", Some(Gate::KubeProxyIpvs)),
            ("KubeProxyIVPS", Some(Gate::KubeProxyIpvs)),
            ("KubeProxiIPVS", Some(Gate::KubeProxyIpvs)),
            (
                "AllowServiceExternalIP",
                Some(Gate::AllowServiceExternalIps),
            ),
            (
                "ServiceTrafficDistribution ",
                Some(Gate::ServiceTrafficDistribution),
            ),
            ("TopologyAwareHint", Some(Gate::TopologyAwareHints)),
            ("NFTablesProxyModes", Some(Gate::NftablesProxyMode)),
            ("TopologyManager", None),
            ("ServiceInternalTrafficPolicy", None),
            ("RelaxedServiceNameValidation", None),
            ("NodeSwap", None),
            ("", None),
        ] {
            let found = match unknown(name) {
                Some(GateFault::NearMiss { meant, .. }) => Some(meant),
                _ => None,
            };
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn the_table_of_gates_is_in_order() {
        let names = Gate::ALL.map(Gate::name);
        assert!(names.is_sorted(), "{names:?}");
        for gate in Gate::ALL {
            assert_eq!(Gate::named(gate.name()), Some(gate));
            let known = KubeVersion::all().any(|version| gate.standing(version).is_some());
            assert!(known, "{gate:?} is in no release");
        }
    }
}
