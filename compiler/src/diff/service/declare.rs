//! What manifests declare differently, beside what nodes serve differently.

use std::collections::BTreeSet;

use super::{At, Change, Facet, Fate, ServiceDiff};
use crate::diff::declared::{Aspect, Declarations, Declared, between};
use crate::diff::{Owner, Subject};
use crate::model::service::ServiceKey;

impl ServiceDiff {
    /// A difference of sides whose manifests declare this.
    pub fn of_declared(old: &Declarations, new: &Declarations) -> Self {
        let half = Declarations::half_served(old, new);
        let half_served: BTreeSet<Subject> = half.iter().map(subject).collect();
        // The API server keeps its own Service, and no repository holds it.
        let one_has = |key: &&ServiceKey| {
            key.is_api_server() && old.of_service(key).is_some() != new.of_service(key).is_some()
        };
        let mut all = old.services().chain(new.services());
        let api_server = all.find(one_has).map(subject);
        Self {
            left_out: half_served.iter().cloned().chain(api_server).collect(),
            half_served,
            ..Self::default()
        }
    }

    /// Adds what manifests declare differently, once all nodes are added: what these tell already is not
    /// told again.
    pub fn declare(&mut self, old: &Declarations, new: &Declarations) {
        let all: BTreeSet<&ServiceKey> = old.services().chain(new.services()).collect();
        let told = Told::of(self);
        let mut changes = Vec::new();
        for key in all {
            let subject = subject(key);
            let (was, is) = (old.of_service(key), new.of_service(key));
            let (found, fate) = match (was, is) {
                (Some(was), Some(is)) => {
                    let found = between(was, is);
                    let found = found.into_iter();
                    let found = found.filter(|one| !told.tells(&subject, one.aspect));
                    (found.collect::<Vec<_>>(), None)
                }
                _ if key.is_api_server() => continue,
                (Some(was), None) if was.is_served() => (Vec::new(), Some(Fate::Goes)),
                (Some(was), None) => (was.goes(), Some(Fate::Goes)),
                (None, Some(is)) if is.is_served() => (Vec::new(), Some(Fate::Comes)),
                (None, Some(is)) => (is.comes(new.ranges()), Some(Fate::Comes)),
                (None, None) => continue,
            };
            let mut sides = was.into_iter().chain(is);
            let counts = sides.any(|one| one.is_served() || one.waits());
            if counts || !found.is_empty() {
                self.totals.declare(&subject, fate);
            }
            if !found.is_empty() {
                self.totals.touch(&subject);
            }
            let owner = Owner::whole(subject);
            changes.extend(found.into_iter().map(|one| (owner.clone(), change(one))));
        }
        self.gathered.add_everywhere(changes);
    }
}

/// What a Service that manifests name is called in a difference.
pub(in crate::diff) fn subject(key: &ServiceKey) -> Subject {
    Subject::Service(key.to_string().into())
}

fn change(declared: Declared) -> Change {
    Change {
        facet: Facet::Declared(declared),
        at: At::Everywhere,
    }
}

/// What of Services their nodes tell already.
struct Told(BTreeSet<(Subject, ToldKind)>);

/// A kind of change that nodes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ToldKind {
    Reachable,
    HealthCheck,
    Sources,
    Affinity,
    Policy,
}

impl Told {
    fn of(diff: &ServiceDiff) -> Self {
        let mut told = BTreeSet::new();
        for (owner, groups) in diff.gathered.iter() {
            for change in groups.iter().flat_map(|group| &group.changes) {
                let kind = match &change.facet {
                    Facet::Owner { .. } | Facet::Reachable { .. } | Facet::Kinds { .. } => {
                        ToldKind::Reachable
                    }
                    Facet::HealthCheck(_) => ToldKind::HealthCheck,
                    Facet::Sources { .. } => ToldKind::Sources,
                    Facet::Affinity { .. } => ToldKind::Affinity,
                    Facet::Policy { .. } => ToldKind::Policy,
                    Facet::Declared(_)
                    | Facet::Addresses { .. }
                    | Facet::Endpoints { .. }
                    | Facet::Treatment { .. }
                    | Facet::Weights(_)
                    | Facet::ModeDifference { .. }
                    | Facet::Scheduler { .. } => continue,
                };
                told.insert((owner.subject.clone(), kind));
            }
        }
        Self(told)
    }

    fn tells(&self, subject: &Subject, aspect: Aspect) -> bool {
        let kind = match aspect {
            Aspect::Port | Aspect::NodePort | Aspect::ExternalIp => ToldKind::Reachable,
            Aspect::HealthCheckPort => ToldKind::HealthCheck,
            Aspect::SourceRange => ToldKind::Sources,
            Aspect::Affinity => ToldKind::Affinity,
            Aspect::InternalPolicy | Aspect::ExternalPolicy => ToldKind::Policy,
            Aspect::Service
            | Aspect::Type
            | Aspect::TargetPort
            | Aspect::NodePorts
            | Aspect::Selector
            | Aspect::Class
            | Aspect::LoadBalancerIp
            | Aspect::ExternalName
            | Aspect::FamilyPolicy
            | Aspect::Families
            | Aspect::Distribution
            | Aspect::NotReady
            | Aspect::Endpoints => return false,
        };
        self.0.contains(&(subject.clone(), kind))
    }
}
