//! The stages in their order, as [`crate::compile`] and [`crate::lint`] both go through them: read,
//! model, per node.

mod mirrored;
mod nodes;
mod overlays;
mod per_node;
mod phase;
mod summary;

pub(crate) use mirrored::Mirror;
pub use mirrored::{Mirrored, ReleaseSource};
pub(crate) use nodes::{has_rules, left_out, refusal};
pub(crate) use per_node::{Viewpoint, look, per_node, viewpoints};
pub use phase::{Observer, Phase, Silent};
pub use summary::{Summary, Used};

use crate::diag::Findings;
use crate::endpoints::EndpointsFrom;
use crate::front::Manifests;
use crate::model::name::NodeName;
use crate::model::{BaseServices, Cluster, KubeVersion, Profile, Request};
use crate::source::{Objects, Role, Sources};
use crate::{endpoints, front, model};

/// The work on one input.
pub(crate) struct Pipeline<'a> {
    sources: &'a Sources,
    observer: &'a dyn Observer,
    /// The objects that were read.
    pub(crate) objects: Objects,
    /// How much was read and used.
    pub(crate) summary: Summary,
}

/// What was read: the input, and the base where there is one.
pub(crate) struct Read {
    pub(crate) own: Manifests,
    pub(crate) base: Option<Manifests>,
}

impl Read {
    /// Whether anything says who stands behind Services.
    pub(crate) fn has_endpoints(&self) -> bool {
        let base = self.base.as_ref();
        self.own.has_endpoints() || base.is_some_and(Manifests::has_endpoints)
    }
}

impl<'a> Pipeline<'a> {
    pub(crate) fn new(sources: &'a Sources, observer: &'a dyn Observer) -> Self {
        Self {
            sources,
            observer,
            objects: Objects::default(),
            summary: Summary::default(),
        }
    }

    /// Bytes to objects of Kubernetes.
    pub(crate) fn read(&mut self, findings: &mut Findings) -> Read {
        self.observer.begin(Phase::Read);
        let manifests = front::read(self.sources, &mut self.objects, findings);
        self.summary.others.clone_from(&manifests.others);
        if !self.sources.has_base() {
            return Read {
                own: manifests,
                base: None,
            };
        }
        let (own, base) = manifests.partition(|object| {
            let source = self.objects.document(object).span.source;
            self.sources.get(source).role == Role::Input
        });
        Read {
            own,
            base: Some(base),
        }
    }

    /// From objects as written to validated values.
    pub(crate) fn model(
        &mut self,
        mut read: Read,
        request: &Request,
        findings: &mut Findings,
    ) -> Cluster {
        self.observer.begin(Phase::Model);
        if let BaseServices::KeepBut(gone) = &request.base_services {
            let gone = |object| gone.contains(self.objects.name(object));
            read.base = read.base.map(|base| base.partition(gone).1);
        }
        let cluster = model::build(read.own, read.base, &self.objects, request, findings);
        overlays::explain(findings, &self.objects, self.sources);
        self.summary.count(&cluster);
        cluster
    }

    /// Reports what is unclear about the releases that nodes mirror, and says in a line which kube-proxy
    /// is mirrored by those that were looked at.
    pub(crate) fn mirrors(
        &self,
        mirror: &Mirror<'_>,
        nodes: &[NodeName],
        looked: &[NodeName],
        findings: &mut Findings,
    ) -> String {
        mirror.report(nodes, &self.objects, findings);
        mirror.words(looked, &self.objects, self.sources)
    }
}

/// Endpoints from Pods, where slices do not say them: with the hints of the newest release that a
/// node mirrors, since no node is newer than what controls the cluster.
pub(crate) fn complete_endpoints(
    cluster: &mut Cluster,
    from: EndpointsFrom,
    asked: Option<KubeVersion>,
    findings: &mut Findings,
) {
    let profile = |cluster: &Cluster| {
        let names: Vec<NodeName> = cluster.nodes.iter().map(|node| node.name.clone()).collect();
        let version = Mirror::new(cluster, asked).of_any(&names);
        Profile::new(version, &cluster.config.feature_gates)
    };
    endpoints::complete(cluster, from, profile, findings);
}
