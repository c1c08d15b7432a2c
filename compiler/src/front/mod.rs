//! Bytes to Kubernetes objects: documents and list items are split and parsed in parallel, and
//! every object remembers the text it came from.
//!
//! The parser is the floor of the time a run takes, so the happy path parses each object exactly
//! once, straight into its typed form. Places of fields are not recorded; [`Objects::locate`]
//! parses a single document again when a finding has to be shown.

mod ambiguity;
mod colon;
mod cut;
mod depth;
mod fault;
mod foreign;
mod header;
mod installer;
mod joined;
mod json;
mod kube_proxy;
mod lines;
mod list;
mod merge;
mod parse;
mod phrases;
mod pod;
mod read;
mod service_cidr;
mod slice;
mod split;
mod strict;
mod variables;
mod workload;

pub(crate) use ambiguity::{Ambiguity, ambiguities};
pub(crate) use foreign::kustomize::{Kustomizations, folder_of};
pub(crate) use foreign::{instead, one_of};
pub use installer::{InstallerManifest, Settings, Told, Unset};
pub use kube_proxy::{
    ContainerManifest, ContainerPortManifest, DaemonSetManifest, DaemonSetSpec, EnvVar, PodTemplate,
};
pub use pod::{
    Affinity, NodeAffinity, NodeRequirement, NodeSelector, NodeSelectorTerm, OwnerReference,
    PodCondition, PodIp, PodManifest, PodMetadata, PodOs, PodSpec, PodStatus,
};
pub use service_cidr::ServiceCidrManifest;
pub use slice::{EndpointManifest, OWN_PREFIX, SliceManifest};
pub use workload::{
    JobSpec, JobTemplate, TemplateManifest, TemplateMetadata, TemplateSpec, WorkloadManifest,
    WorkloadSpec,
};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::diag::{Finding, Findings, Place};
use crate::source::{Objects, Role, Sources};

pub use read::{Located, Manifests};
use read::{Problem, ReadPiece};

pub mod config;
pub mod facts;
pub mod lint_config;

pub use config::KubeProxyConfiguration;
pub use facts::NodeFacts;
pub use lint_config::LintConfig;

/// Documents, and items of one, that a thread takes at a time: so few that all threads are done at
/// almost the same time.
const SHARE: usize = 32;

/// Reads all sources.
///
/// Objects that cannot be read are reported and left out; everything else is returned, so that one
/// run reports all problems.
pub fn read(sources: &Sources, objects: &mut Objects, findings: &mut Findings) -> Manifests {
    let _span = tracing::debug_span!("front").entered();
    let outcomes: Vec<Vec<ReadPiece>> = cut::documents(sources)
        .into_par_iter()
        .with_max_len(SHARE)
        .map(|(document, seam)| {
            let role = sources.get(document.source).role;
            let mut pieces = cut::read(document, seam, sources);
            // Nobody wonders what became of what the base has beside what is read of it.
            if role == Role::Base {
                for piece in &mut pieces {
                    piece.others.clear();
                }
            }
            pieces
        })
        .collect();
    objects.reserve(outcomes.iter().map(Vec::len).sum());
    let mut manifests = Manifests::default();
    let mut strays = Vec::new();
    for mut outcome in outcomes.into_iter().flatten() {
        strays.append(&mut outcome.strays);
        manifests.take(outcome, objects, findings);
    }
    foreign::report(&strays, sources, findings);
    if let Some(finding) = foreign::made_elsewhere(&manifests.others, manifests.services.len()) {
        findings.push(finding);
    }
    manifests
}

impl Manifests {
    /// Whether anything says who stands behind Services; an Endpoints without subsets says "nobody".
    pub(crate) fn has_endpoints(&self) -> bool {
        !self.slices.is_empty() || !self.endpoints.is_empty()
    }

    /// Takes over what a piece gave, and gives its objects their ids.
    fn take(&mut self, outcome: ReadPiece, objects: &mut Objects, findings: &mut Findings) {
        for finding in outcome.findings {
            findings.push(finding);
        }
        for kind in outcome.others {
            *self.others.entry(kind).or_default() += 1;
        }
        for read in outcome.objects {
            let object = objects.add(read.name, read.document);
            for Problem {
                severity,
                fault,
                path,
            } in read.problems
            {
                findings.push(Finding {
                    severity,
                    code: fault.code,
                    place: Place::Field(object, path),
                    message: fault.message,
                    help: fault.help,
                    also: Vec::new(),
                });
            }
            if let Some(value) = read.value {
                self.push(object, value);
            }
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
