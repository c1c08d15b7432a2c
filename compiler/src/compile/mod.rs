//! The whole way from sources to artefacts: what the `compile` command is about, without files,
//! clock or threads of its own.

mod mirrored;
mod nodes;
mod overlays;
mod prepare;
mod prepared;

pub use crate::model::{BaseServices, Mode};
pub(crate) use mirrored::Mirror;
pub use mirrored::{Mirrored, ReleaseSource};
pub(crate) use nodes::{has_rules, left_out, refusal};
pub(crate) use overlays::explain as explain_duplicates;
pub use prepare::prepare;
pub(crate) use prepare::{by_role, count, merge};
pub use prepared::Prepared;

use crate::diag::Report;
use crate::front::Objects;
use crate::model::KubeVersion;
use crate::source::Sources;

/// What goes in.
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
}

/// Which nodes to compile for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeSelection {
    /// This one.
    Named(String),
    /// The configuration's `hostnameOverride`.
    FromConfiguration,
    /// Every Node of the input.
    All,
}

/// A stage of the work, for whoever shows progress or measures time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Bytes to Kubernetes objects.
    Read,
    /// Objects to validated values.
    Model,
    /// Values to the mode-neutral program.
    Lower,
    /// Program to the state of a node, and that to text.
    Emit,
}

/// Told when a phase begins. The compiler itself has no clock.
pub trait Observer: Sync {
    /// A phase begins; the one before is over.
    fn begin(&self, phase: Phase);
}

/// An observer that does not care.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn begin(&self, _: Phase) {}
}

/// How much was read and used, for the summary line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Services in the input, and of these how many are programmed.
    pub services: Used,
    /// Endpoint addresses in the input, and of these how many belong to a programmed Service.
    pub endpoints: Used,
    /// Objects of kinds that are not compiled, by kind.
    pub others: std::collections::BTreeMap<String, usize>,
}

/// How many of something there are, and how many of them are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// In the input.
    pub total: usize,
    /// Used.
    pub used: usize,
}

/// What came of checking the input.
#[derive(Debug)]
pub struct Outcome {
    /// Everything that was found, errors and warnings.
    pub report: Report,
    /// What was read.
    pub summary: Summary,
    /// Which kube-proxy is mirrored and what says so: a line for people.
    pub mirrors: String,
    /// The way to the artefacts; `None` where the input is refused.
    pub prepared: Option<Prepared>,
    /// Where everything came from, for source maps.
    pub objects: Objects,
}
