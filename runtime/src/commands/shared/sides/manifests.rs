//! Manifests, compiled for every node that they have.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::Arc;

use portolan_compiler::compile::{self, BaseServices, Compilation, Input, NodeSelection, Prepared};
use portolan_compiler::diag::{Code, Report, Severity};
use portolan_compiler::source::{ObjectName, Objects, Role, Sources};

use super::remarks::{self, Remark};
use super::{Loading, Names};
use crate::commands::shared::Context;
use crate::commands::shared::manifests::tell_people;
use crate::commands::shared::profile::Mirror;
use crate::commands::shared::summary;
use crate::input::{self, Before, Loaded};
use crate::report::{Device, Failure, ProgressLine, Verbosity};

/// Stands for any node where the input has none: addresses for node ports, and no endpoint. The
/// addresses are those set aside for examples.
const ANY_NODE: &str = "\
apiVersion: v1
kind: Node
metadata: {name: node}
status:
  addresses:
  - {type: InternalIP, address: 192.0.2.1}
  - {type: InternalIP, address: '2001:db8::1'}
";

const ANY_NODE_NAME: &str = "(any node)";

/// Manifests in which nothing is wrong.
#[derive(Debug)]
pub(in crate::commands) struct Compiled {
    pub(super) sources: Sources,
    pub(super) objects: Objects,
    pub(super) prepared: Prepared,
    nodes: Nodes,
    /// How many Services are programmed.
    programmed: usize,
    /// What has to be known of it.
    pub(super) remarks: Vec<Remark>,
}

/// Where the nodes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nodes {
    Input,
    Any,
}

impl Compiled {
    /// Whether nothing of it is programmed on any node.
    pub(super) fn is_empty(&self) -> bool {
        self.programmed == 0
    }

    /// The Services and endpoints of the input itself, or of the base.
    pub(super) fn objects_of(&self, role: Role) -> BTreeSet<ObjectName> {
        self.objects.services_and_endpoints(&self.sources, role)
    }

    pub(super) fn names(&self) -> Names<'_> {
        match self.nodes {
            Nodes::Input => Names::Known(self.prepared.nodes()),
            Nodes::Any => Names::Unknown,
        }
    }
}

/// Compiles; `None` where the input is refused, which has been told.
pub(super) fn compile(
    loading: &mut Loading<'_>,
    files: Vec<(String, Vec<u8>)>,
    paths: &[OsString],
    mirror: Mirror,
    context: &mut Context<'_, '_>,
) -> Result<Option<Compiled>, Failure> {
    let (args, clock, gone) = (loading.args, loading.clock, &loading.gone);
    let manifests = &args.manifests;
    let side = loading.again.clone().map(Arc::new);
    let typed = &context.typed;
    // A revision brings its own.
    let (given, base) = match loading.base.clone() {
        Some(base) => (&[][..], base),
        None => (&manifests.base[..], Vec::new()),
    };
    let mut arguments =
        input::arguments(paths, given, |role, argument| typed.again(role, argument));
    for argument in &mut arguments {
        if argument.role == input::Role::Input {
            argument.again.clone_from(&side);
        }
    }
    let Loaded { sources, rejected } = input::load_with(
        Before {
            files,
            base,
            again: side,
        },
        &arguments,
        &manifests.reading.reading(),
        context.streams.stdin,
    )
    .map_err(Failure::all)?;
    let mut input = Input { sources };
    let mut attempt = |nodes, input: &Input| {
        let mut options = mirror.options(nodes, manifests);
        if !gone.is_empty() {
            options.base_services = BaseServices::KeepBut(gone.clone());
        }
        let line = ProgressLine::suited(context.verbosity, Device::Other);
        clock.watch(&mut context.streams.stderr, line, || {
            compile::prepare(input, &options, clock)
        })
    };
    let mut nodes = Nodes::Input;
    if args.node.is_none() && !may_have_nodes(&input.sources) {
        input.sources.add(ANY_NODE_NAME, ANY_NODE.to_owned());
        nodes = Nodes::Any;
    }
    let mut outcome = match &args.node {
        Some(name) => attempt(NodeSelection::Named(name.clone()), &input),
        None => attempt(NodeSelection::All, &input),
    };
    if args.node.is_none() && lacks_nodes(&outcome) {
        outcome = attempt(NodeSelection::FromConfiguration, &input);
        if lacks_nodes(&outcome) {
            input.sources.add(ANY_NODE_NAME, ANY_NODE.to_owned());
            outcome = attempt(NodeSelection::All, &input);
            nodes = Nodes::Any;
        }
    }
    if let Some((report, sources)) = &rejected {
        tell(report, sources, context);
    }
    tell(&outcome.report, &input.sources, context);
    loading.say(&outcome.mirrors, context);
    match (rejected, outcome.prepared) {
        (None, Some(prepared)) => Ok(Some(Compiled {
            sources: input.sources,
            objects: outcome.objects,
            prepared,
            nodes,
            programmed: outcome.summary.services.used,
            remarks: remarks::of_manifests(&outcome.report, outcome.summary.services),
        })),
        (rejected, _) => {
            if context.verbosity > Verbosity::Quiet {
                let rejected = rejected.as_ref().map(|(report, _)| report);
                let reports = rejected.into_iter().chain([&outcome.report]);
                let refusal = summary::nothing_compared(reports, context.verbosity);
                context.streams.stderr.say(&refusal);
            }
            Ok(None)
        }
    }
}

/// Whether some text could be a Node: it says so, and not of a node port only. Reading everything to
/// find that out takes as long as compiling it.
fn may_have_nodes(sources: &Sources) -> bool {
    sources.iter().any(|(_, source)| {
        let mut places = source.text.match_indices("Node");
        places.any(|(place, word)| !source.text[place + word.len()..].starts_with("Port"))
    })
}

/// Whether nothing is wrong but that no node is known.
fn lacks_nodes(outcome: &Compilation) -> bool {
    let diagnostics = outcome.report.diagnostics.iter();
    let mut errors = diagnostics
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .peekable();
    errors.peek().is_some() && errors.all(|error| error.code == Code::UnknownNode)
}

/// Errors only, unless more is asked for: what is unwise about a side is lint's business.
fn tell(report: &Report, sources: &Sources, context: &mut Context<'_, '_>) {
    let least = if context.verbosity < Verbosity::Verbose {
        Severity::Error
    } else {
        Severity::Info
    };
    tell_people(report, sources, least, context);
}
