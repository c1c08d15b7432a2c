//! The profiles of several releases under one configuration.

use std::collections::BTreeMap;

use super::release::profile;
use crate::diag::Findings;
use crate::model::{Cluster, KubeVersion, Profile};

/// The profiles that the nodes of a run need: one for each release.
#[derive(Debug)]
pub struct Profiles(BTreeMap<KubeVersion, Profile>);

impl Profiles {
    /// Those of some releases. Reports what keeps their kube-proxy from starting, and what it passes by.
    pub fn new(
        cluster: &Cluster,
        versions: impl Iterator<Item = KubeVersion>,
        findings: &mut Findings,
    ) -> Self {
        let mut profiles = BTreeMap::new();
        for version in versions {
            profiles
                .entry(version)
                .or_insert_with(|| profile(cluster, version, findings));
        }
        Self(profiles)
    }

    /// That of a release, which is one of them.
    pub fn of(&self, version: KubeVersion) -> Profile {
        self.0[&version]
    }
}
