//! Bytes to Kubernetes objects: documents and list items are split and parsed in parallel, and
//! every object remembers the text it came from.
//!
//! The parser is the floor of the time a run takes, so the happy path parses each object exactly
//! once, straight into its typed form. Places of fields are not recorded; [`Objects::locate`]
//! parses a single document again when a finding has to be shown.

mod ambiguity;
mod colon;
mod depth;
mod fault;
mod foreign;
mod header;
mod installer;
mod joined;
mod json;
mod kube_proxy;
mod limits;
mod lines;
mod list;
mod locate;
mod merge;
mod objects;
mod outline;
mod parse;
mod plan;
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
pub use locate::span_in;
pub use objects::{Document, Format, ObjectKind, ObjectName, Objects};
pub use pod::{
    Affinity, NodeAffinity, NodeRequirement, NodeSelector, NodeSelectorTerm, OwnerReference,
    PodCondition, PodIp, PodManifest, PodMetadata, PodOs, PodSpec, PodStatus,
};
pub use service_cidr::ServiceCidrManifest;
pub use slice::{EndpointManifest, OWN_PREFIX, SliceManifest};
pub use workload::{
    JobSpec, JobTemplate, TemplateManifest, TemplateMetadata, TemplateSpec, WorkloadKind,
    WorkloadManifest, WorkloadSpec,
};

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Endpoints, Node, Service};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::diag::{Finding, Findings, Place};
use crate::source::{ObjectId, Sources};

use read::{Outcome, Problem, Value};

pub mod config;
pub mod facts;
pub mod lint_config;

pub use config::KubeProxyConfiguration;
pub use facts::NodeFacts;
pub use lint_config::LintConfig;

/// A value and the object it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// The object.
    pub object: ObjectId,
    /// What it holds, as written: nothing is defaulted or validated yet.
    pub value: Box<T>,
}

/// Everything of use that the input holds, by kind, in input order.
#[derive(Debug, Default, Clone)]
pub struct Manifests {
    /// Services.
    pub services: Vec<Located<Service>>,
    /// `EndpointSlice`s of `discovery.k8s.io/v1`.
    pub slices: Vec<Located<SliceManifest>>,
    /// Endpoints, the older form.
    pub endpoints: Vec<Located<Endpoints>>,
    /// Nodes.
    pub nodes: Vec<Located<Node>>,
    /// Pods, as far as they could be read.
    pub pods: Vec<Located<PodManifest>>,
    /// `DaemonSet`s that may be kube-proxy's, as far as they could be read.
    pub daemon_sets: Vec<Located<DaemonSetManifest>>,
    /// What makes Pods and is not kube-proxy's, as far as it could be read.
    pub workloads: Vec<Located<WorkloadManifest>>,
    /// Configurations of what installs clusters, and starts kube-proxy there.
    pub installers: Vec<Located<InstallerManifest>>,
    /// Ranges that cluster IPs come from.
    pub service_cidrs: Vec<Located<ServiceCidrManifest>>,
    /// kube-proxy configurations, bare or out of a `ConfigMap`.
    pub configs: Vec<Located<KubeProxyConfiguration>>,
    /// Facts about nodes.
    pub facts: Vec<Located<NodeFacts>>,
    /// What to lint and how.
    pub lint: Vec<Located<LintConfig>>,
    /// How many objects of kinds that are not compiled there were, under `kind.group`.
    pub others: BTreeMap<String, usize>,
}

impl Manifests {
    /// Splits by object: those that are wanted, and the rest. Other kinds are counted with the
    /// former.
    pub fn partition(self, wanted: impl Fn(ObjectId) -> bool) -> (Self, Self) {
        fn split<T>(
            list: Vec<Located<T>>,
            wanted: &impl Fn(ObjectId) -> bool,
        ) -> (Vec<Located<T>>, Vec<Located<T>>) {
            list.into_iter().partition(|located| wanted(located.object))
        }
        let Self {
            services,
            slices,
            endpoints,
            nodes,
            pods,
            daemon_sets,
            workloads,
            installers,
            service_cidrs,
            configs,
            facts,
            lint,
            others,
        } = self;
        let (services, other_services) = split(services, &wanted);
        let (slices, other_slices) = split(slices, &wanted);
        let (endpoints, other_endpoints) = split(endpoints, &wanted);
        let (nodes, other_nodes) = split(nodes, &wanted);
        let (pods, other_pods) = split(pods, &wanted);
        let (daemon_sets, other_daemon_sets) = split(daemon_sets, &wanted);
        let (workloads, other_workloads) = split(workloads, &wanted);
        let (installers, other_installers) = split(installers, &wanted);
        let (service_cidrs, other_service_cidrs) = split(service_cidrs, &wanted);
        let (configs, other_configs) = split(configs, &wanted);
        let (facts, other_facts) = split(facts, &wanted);
        let (lint, other_lint) = split(lint, &wanted);
        let rest = Self {
            services: other_services,
            slices: other_slices,
            endpoints: other_endpoints,
            nodes: other_nodes,
            pods: other_pods,
            daemon_sets: other_daemon_sets,
            workloads: other_workloads,
            installers: other_installers,
            service_cidrs: other_service_cidrs,
            configs: other_configs,
            facts: other_facts,
            lint: other_lint,
            others: BTreeMap::new(),
        };
        (
            Self {
                services,
                slices,
                endpoints,
                nodes,
                pods,
                daemon_sets,
                workloads,
                installers,
                service_cidrs,
                configs,
                facts,
                lint,
                others,
            },
            rest,
        )
    }
}

/// Documents, and items of one, that a thread takes at a time: so few that all threads are done at
/// almost the same time.
const SHARE: usize = 32;

/// Reads all sources.
///
/// Objects that cannot be read are reported and left out; everything else is returned, so that one
/// run reports all problems.
pub fn read(sources: &Sources, objects: &mut Objects, findings: &mut Findings) -> Manifests {
    let _span = tracing::debug_span!("front").entered();
    let outcomes: Vec<Vec<Outcome>> = plan::documents(sources)
        .into_par_iter()
        .with_max_len(SHARE)
        .map(|(document, seam)| plan::read(document, seam, sources))
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
    fn take(&mut self, outcome: Outcome, objects: &mut Objects, findings: &mut Findings) {
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
            match read.value {
                None => {}
                Some(Value::Service(value)) => self.services.push(Located { object, value }),
                Some(Value::EndpointSlice(value)) => self.slices.push(Located { object, value }),
                Some(Value::Endpoints(value)) => self.endpoints.push(Located { object, value }),
                Some(Value::Node(value)) => self.nodes.push(Located { object, value }),
                Some(Value::Pod(value)) => self.pods.push(Located { object, value }),
                Some(Value::DaemonSet(value)) => self.daemon_sets.push(Located { object, value }),
                Some(Value::Workload(value)) => self.workloads.push(Located { object, value }),
                Some(Value::Installer(value)) => self.installers.push(Located { object, value }),
                Some(Value::ServiceCidr(value)) => {
                    self.service_cidrs.push(Located { object, value });
                }
                Some(Value::Config(value)) => self.configs.push(Located { object, value }),
                Some(Value::Facts(value)) => self.facts.push(Located { object, value }),
                Some(Value::Lint(value)) => self.lint.push(Located { object, value }),
            }
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
