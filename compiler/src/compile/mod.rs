//! The whole way from sources to artefacts: what the `compile` command is about, without files,
//! clock or threads of its own.

mod nodes;
mod prepare;
mod prepared;

pub use crate::endpoints::EndpointsFrom;
pub use crate::model::{BaseServices, Mode};
pub use crate::pipeline::{Mirrored, Observer, Phase, ReleaseSource, Silent, Summary, Used};
pub use prepare::{prepare, survey};
pub use prepared::Prepared;

use crate::diag::Report;
use crate::model::KubeVersion;
use crate::source::{Objects, Sources};

/// What is compiled: files, and what completes them.
#[derive(Debug, Default)]
pub struct Input {
    /// Manifests, configuration and facts; and the base, a dump of the running cluster.
    pub sources: Sources,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which nodes to compile for.
    pub nodes: NodeSelection,
    /// The release of kube-proxy to mirror; where there is none, what the input says of each node.
    pub kube_version: Option<KubeVersion>,
    /// A proxy mode that overrides the configuration's.
    pub mode: Option<Mode>,
    /// What becomes of Services that only the base has.
    pub base_services: BaseServices,
    /// Where the endpoints of Services with selectors come from.
    pub endpoints: EndpointsFrom,
}

/// Which nodes to compile for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeSelection {
    /// The node of this name.
    Named(String),
    /// The configuration's `hostnameOverride`.
    FromConfiguration,
    /// The same; where there is none, the only Node of the input. For who touches no node.
    FromConfigurationOrOnly,
    /// Every Node of the input.
    All,
}

/// What came of checking the input.
#[derive(Debug)]
pub struct Compilation {
    /// Everything that was found, errors and warnings.
    pub report: Report,
    /// What was read, in numbers.
    pub summary: Summary,
    /// Which kube-proxy is mirrored and what says so: a line for people.
    pub mirrors: String,
    /// The way to the artefacts; `None` where the input is refused.
    pub prepared: Option<Prepared>,
    /// Where everything came from, for source maps.
    pub objects: Objects,
}
