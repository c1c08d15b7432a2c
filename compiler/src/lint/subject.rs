//! What rules look at.

use crate::front::{KubeProxyConfiguration, Located, Manifests};
use crate::lower::Gathered;
use crate::model::{Cluster, Profile};
use crate::source::{ObjectId, Objects, Sources};

use super::settings::Settings;

/// The input in its stages: as written, as validated values, and with endpoints gathered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) sources: &'a Sources,
    pub(super) objects: &'a Objects,
    /// What is linted, as written.
    pub(super) own: &'a Manifests,
    /// What the running cluster has, as written.
    pub(super) base: &'a Manifests,
    /// Both together, validated.
    pub(super) cluster: &'a Cluster,
    pub(super) gathered: &'a Gathered,
    pub(super) settings: &'a Settings,
    pub(super) profile: Profile,
}

impl<'a> Subject<'a> {
    /// The configuration as written, if there is one.
    pub(super) fn configuration(&self) -> Option<&'a Located<KubeProxyConfiguration>> {
        self.own.configs.first().or(self.base.configs.first())
    }

    /// Whether anything says who stands behind Services.
    pub(super) fn has_endpoints(&self) -> bool {
        self.own.has_endpoints() || self.base.has_endpoints()
    }

    /// The configuration's object.
    pub(super) fn configuration_object(&self) -> Option<ObjectId> {
        self.configuration().map(|located| located.object)
    }
}
