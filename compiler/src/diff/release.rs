//! What another release of kube-proxy, or other feature gates, do in ways of their own: only what the
//! cluster has a part in.

use std::collections::BTreeSet;

use crate::model::Profile;
use crate::model::profile::Aspect;

/// The kube-proxy that a side mirrors on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The release, and what of it is switched.
    pub profile: Profile,
    /// The differences between releases that matter there.
    pub concerns: BTreeSet<Aspect>,
}

/// Something that two releases have in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseChange {
    /// What.
    pub aspect: Aspect,
    /// How it was.
    pub from: &'static str,
    /// How it will be.
    pub to: &'static str,
}

/// What the new side mirrors in another way than the old one, where it matters to the new one.
pub(super) fn changes(
    old: Option<&Mirrored>,
    new: Option<&Mirrored>,
) -> impl Iterator<Item = (Aspect, ReleaseChange)> {
    let sides = old.zip(new).into_iter();
    sides.flat_map(|(old, new)| {
        new.concerns.iter().filter_map(|aspect| {
            let (from, to) = (aspect.of(&old.profile), aspect.of(&new.profile));
            let change = ReleaseChange {
                aspect: *aspect,
                from,
                to,
            };
            (from != to).then_some((*aspect, change))
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::KubeVersion;

    #[test]
    fn what_does_not_matter_is_not_told() {
        let side = |minor, concerns: &[Aspect]| Mirrored {
            profile: Profile::new(KubeVersion::from_minor(minor).unwrap(), &BTreeMap::new()),
            concerns: concerns.iter().copied().collect(),
        };
        let told = |old: &Mirrored, new: &Mirrored| -> Vec<Aspect> {
            changes(Some(old), Some(new))
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
            [Aspect::ExternalIps]
        );
        // Between the ends of what is mirrored nearly everything differs.
        let told = told(&side(30, &all), &side(37, &all));
        let same = [
            Aspect::LoadBalancerModes,
            Aspect::NftablesLocalhost,
            Aspect::IpvsDrift,
        ];
        let expected: Vec<Aspect> = all.into_iter().filter(|one| !same.contains(one)).collect();
        assert_eq!(told, expected);
        assert_eq!(changes(None, Some(&side(37, &all))).count(), 0);
    }
}
