//! Which findings are told, where a filter chooses among Services.

use std::collections::BTreeSet;

use super::index::Index;
use crate::diag::{Finding, Place};
use crate::model::Cluster;
use crate::model::filter::{Filter, Shown};
use crate::model::pod::Labels;
use crate::source::{ObjectId, ObjectKind, Objects};

/// The labels of a Service without any.
static NO_LABELS: Labels = Labels::new();

/// A filter, and what it chooses among.
pub(super) struct Scope<'a> {
    pub(super) filter: &'a Filter,
    pub(super) index: &'a Index<'a>,
    pub(super) objects: &'a Objects,
}

/// Whom something concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concern {
    /// A Service that is chosen.
    Chosen,
    /// Another one.
    Other,
    /// No Service in particular, and so all of them.
    All,
}

impl Scope<'_> {
    /// Whether a finding is about a Service that is chosen, or about none at all.
    pub(super) fn has(&self, finding: &Finding) -> bool {
        if self.filter.is_open() {
            return true;
        }
        let mut also = finding.also.iter().map(|(place, _)| place);
        match self.concern(&finding.place) {
            Concern::Chosen | Concern::All => true,
            Concern::Other => also.any(|place| self.concern(place) == Concern::Chosen),
        }
    }

    fn concern(&self, place: &Place) -> Concern {
        let Place::Field(object, _) = place else {
            return Concern::All;
        };
        let chosen = match self.objects.name(*object).kind {
            ObjectKind::Service => self.chooses(*object),
            // What no Service of the input has is told to its namespace.
            ObjectKind::EndpointSlice | ObjectKind::Endpoints => match self.index.owner(*object) {
                Some(service) => self.chooses(service),
                None => self.has_namespace(*object),
            },
            ObjectKind::Pod | ObjectKind::Workload(_) => self.has_namespace(*object),
            ObjectKind::Node
            | ObjectKind::DaemonSet
            | ObjectKind::ServiceCidr
            | ObjectKind::KubeProxyConfiguration
            | ObjectKind::NodeFacts
            | ObjectKind::LintConfig
            | ObjectKind::ConfigMap
            | ObjectKind::Installer(_) => return Concern::All,
        };
        if chosen {
            Concern::Chosen
        } else {
            Concern::Other
        }
    }

    fn chooses(&self, service: ObjectId) -> bool {
        let labels = self.index.labels(service).unwrap_or(&NO_LABELS);
        self.has_namespace(service) && self.filter.labels.chooses(labels)
    }

    fn has_namespace(&self, object: ObjectId) -> bool {
        let namespace = self.objects.name(object).namespace.as_deref();
        let namespace = namespace.filter(|name| !name.is_empty());
        self.filter.has_namespace(namespace.unwrap_or("default"))
    }
}

/// What a filter leaves of a cluster's Services; `None` where it leaves all.
pub(super) fn shown(filter: &Filter, cluster: &Cluster) -> Option<Shown> {
    if filter.is_open() {
        return None;
    }
    let services = cluster.services.iter();
    let chosen = services.clone();
    let chosen = chosen.filter(|service| filter.chooses(&service.key, &service.labels));
    let namespaces: BTreeSet<&str> = services.map(|one| one.key.namespace.as_str()).collect();
    Some(filter.shown(chosen.count(), cluster.services.len(), &namespaces))
}
