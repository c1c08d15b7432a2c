//! What another release of kube-proxy, or other feature gates, do in ways of their own: only what the
//! cluster has a part in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::Profile;
use crate::model::profile::{Aspect, Gate, Standing};

/// The kube-proxy that a side mirrors on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The release, and what of it is switched.
    pub profile: Profile,
    /// The differences between releases that matter there.
    pub concerns: BTreeSet<Aspect>,
    /// kube-proxy's own gates that the configuration sets, and how they stand in the release. One that
    /// it does not have keeps its kube-proxy from starting.
    pub gates: BTreeMap<Gate, Option<Standing>>,
}

/// What a difference between two releases is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A feature gate that the configuration sets, and that keeps kube-proxy from starting on one side.
    Gate(Gate),
    /// Something that the releases do in different ways.
    Aspect(Aspect),
}

impl About {
    /// What it is in words, printed before what each release does.
    pub fn words(self) -> Cow<'static, str> {
        match self {
            Self::Gate(gate) => format!("feature gate {}", gate.as_str()).into(),
            Self::Aspect(aspect) => aspect.as_str().into(),
        }
    }
}

/// Something that two releases have in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseChange {
    /// A gate, or what the releases do in different ways.
    pub about: About,
    /// How it was.
    pub from: &'static str,
    /// How it will be.
    pub to: &'static str,
}

/// What the new side mirrors in another way than the old one, where it matters to the new one.
pub(super) fn changes(
    old: Option<&Mirrored>,
    new: Option<&Mirrored>,
) -> Vec<(About, ReleaseChange)> {
    let sides = old.zip(new).into_iter();
    let changes = sides.flat_map(|(old, new)| {
        let gates: BTreeSet<&Gate> = old.gates.keys().chain(new.gates.keys()).collect();
        let gates = gates.into_iter().filter_map(move |gate| {
            let sides = [old, new].map(|side| side.gates.get(gate));
            let [from, to] = sides.map(of_gate);
            // How a gate stands matters where it keeps kube-proxy from starting.
            let matters = sides.contains(&Some(&None));
            matters.then_some((About::Gate(*gate), from, to))
        });
        let aspects = new.concerns.iter().map(move |aspect| {
            let about = About::Aspect(*aspect);
            (about, aspect.of(&old.profile), aspect.of(&new.profile))
        });
        let different = gates.chain(aspects).filter(|(_, from, to)| from != to);
        different.map(|(about, from, to)| (about, ReleaseChange { about, from, to }))
    });
    changes.collect()
}

/// How a gate is met on one side: whether it is set, and whether the release has it.
fn of_gate(set: Option<&Option<Standing>>) -> &'static str {
    match set {
        None => "is not set",
        Some(Some(_)) => "is known",
        Some(None) => "is not known: kube-proxy does not start",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::KubeVersion;
    use crate::model::profile::Gates;

    #[test]
    fn what_does_not_matter_is_not_told() {
        let side = |minor, concerns: &[Aspect]| Mirrored {
            profile: Profile::new(KubeVersion::from_minor(minor).unwrap(), &BTreeMap::new()),
            concerns: concerns.iter().copied().collect(),
            gates: BTreeMap::new(),
        };
        let told = |old: &Mirrored, new: &Mirrored| -> Vec<About> {
            changes(Some(old), Some(new))
                .into_iter()
                .map(|(aspect, _)| aspect)
                .collect()
        };
        let all = Aspect::ALL;
        assert!(told(&side(37, &all), &side(37, &all)).is_empty());
        assert!(told(&side(30, &all), &side(37, &[])).is_empty());
        assert_eq!(
            told(
                &side(35, &[]),
                &side(36, &[Aspect::ExternalIps, Aspect::Topology])
            ),
            [About::Aspect(Aspect::ExternalIps)]
        );
        // Between the ends of what is mirrored nearly everything differs.
        let told = told(&side(30, &all), &side(37, &all));
        let same = [
            Aspect::LoadBalancerModes,
            Aspect::NftablesLocalhost,
            Aspect::IpvsDrift,
        ];
        let expected = all.into_iter().filter(|one| !same.contains(one));
        let expected: Vec<About> = expected.map(About::Aspect).collect();
        assert_eq!(told, expected);
        assert_eq!(changes(None, Some(&side(37, &all))), []);
    }

    #[test]
    fn a_gate_that_keeps_kube_proxy_from_starting_is_told() {
        let side = |minor, gate: Option<Gate>| {
            let version = KubeVersion::from_minor(minor).unwrap();
            let written = gate
                .into_iter()
                .map(|gate| (gate.as_str().to_owned(), true));
            let written = written.collect();
            Mirrored {
                profile: Profile::new(version, &written),
                concerns: BTreeSet::new(),
                gates: Gates::new(version, &written).set().collect(),
            }
        };
        let (set, stops) = ("is known", "is not known: kube-proxy does not start");
        let (mode, ipvs) = (Some(Gate::LoadBalancerIpMode), Some(Gate::KubeProxyIpvs));
        for (old, new, expected) in [
            (side(34, mode), side(35, mode), Some((set, stops))),
            (side(34, None), side(35, mode), Some(("is not set", stops))),
            (side(35, mode), side(35, None), Some((stops, "is not set"))),
            (side(36, ipvs), side(37, ipvs), Some((stops, set))),
            (side(35, mode), side(36, mode), None),
            (side(33, mode), side(34, mode), None),
            (side(37, None), side(37, ipvs), None),
        ] {
            let told = changes(Some(&old), Some(&new));
            let told = told.first().map(|(_, change)| (change.from, change.to));
            assert_eq!(told, expected, "{old:?} {new:?}");
        }
    }
}
