mod summary;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args};
use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::compile::{NodeSelection, Options, Prepared};

use super::shared::emit;
use super::shared::format::{Format, format};
use super::shared::manifests::{Checked, FileArgs, ManifestArgs, Request, Telling};
use super::shared::profile::ProfileArgs;
use crate::commands::shared::{Context, RepositoryArgs};
use crate::out::{Check, Extent, Folder, OutError, Scope, Stream, Write};
use crate::report::{Clock, Device, Exit, Failure, Output, ProgressLine, UsageError, Verbosity};

/// Compile manifests into the packet rules of a node
///
/// Reads Services, EndpointSlices, Endpoints, Nodes, the kube-proxy configuration and NodeFacts;
/// every other kind passes by. Writes what kube-proxy would leave in the kernel of the node, as files
/// that the usual tools take and people can review.
///
/// The result depends on the input alone: not on its order, the machine, the clock or the network.
#[derive(Debug, Args)]
#[command(
    mut_arg("filename", |arg| arg.required(true)),
    group = ArgGroup::new("destination").args(["out", "stdout"]).required(true),
    after_help = "\
Examples:
  kubectl get svc,endpointslices,nodes -A -o yaml > cluster.yaml
  portolan compile -f cluster.yaml -f kube-proxy.yaml --node node-a --out rules
  portolan compile -f git/ -R --base cluster.yaml --all-nodes --out rules --check
  helm template . | portolan compile -f - --base cluster.yaml --node node-a --stdout",
)]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    manifests: ManifestArgs,

    #[command(flatten)]
    _repository: RepositoryArgs,

    /// Compile for this Node [default: the configuration's hostnameOverride]
    #[arg(long, value_name = "NAME", help_heading = "What to compile")]
    node: Option<String>,

    /// Compile for every Node of the input
    #[arg(long, conflicts_with = "node", help_heading = "What to compile")]
    all_nodes: bool,

    #[command(flatten)]
    profile: ProfileArgs,

    /// Write into this folder: MANIFEST and nodes/<node>/...
    ///
    /// Only files that change are touched; each is named on stdout after A (added), M (modified) or D
    /// (deleted: an earlier run made it and this one does not). With --all-nodes that holds for the whole
    /// folder, else for the node that is compiled; others' files are left alone, and so are files that
    /// portolan did not make.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,

    /// Print the artefacts
    ///
    /// One artefact of one node is printed as it is; several are printed below lines that name them.
    #[arg(long, help_heading = "Output")]
    stdout: bool,

    /// Print these artefacts only
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "out",
        num_args = 1..,
        value_delimiter = ',',
        value_parser = artefact_names(),
        help_heading = "Output"
    )]
    only: Vec<ArtefactKind>,

    /// Write nothing: print what would change in the folder of --out, and exit 1 if anything would
    ///
    /// Of each artefact it is said on how many nodes it differs, with the lines that these have in
    /// common; with -v every file is shown as a diff.
    #[arg(
        long,
        requires = "out",
        conflicts_with = "stdout",
        help_heading = "Output"
    )]
    check: bool,

    /// With --check, show every file as a diff, as -v does
    #[arg(long, requires = "check", help_heading = "Output")]
    whole: bool,

    /// Also write nodes/<node>/source-map.json: which object and field each line comes from
    ///
    /// It is not listed in MANIFEST, and --check does not look at it.
    #[arg(
        long,
        requires = "out",
        conflicts_with = "stdout",
        help_heading = "Output"
    )]
    source_map: bool,

    /// Print diagnostics for people or for machines
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = format("With their source lines", "As one JSON document"),
        default_value = "human",
        help_heading = "Output"
    )]
    message_format: Format,
}

fn artefact_names() -> impl TypedValueParser<Value = ArtefactKind> {
    PossibleValuesParser::new(ArtefactKind::ALL.map(ArtefactKind::as_str))
        .try_map(|name| name.parse::<ArtefactKind>())
}

/// Where the artefacts go.
#[derive(Debug)]
enum Destination<'a> {
    Write(&'a PathBuf, Scope),
    Check(&'a PathBuf, Extent, Scope),
    Stdout(&'a [ArtefactKind]),
}

impl Destination<'_> {
    fn take(
        &self,
        job: &emit::Job<'_>,
        stdout: &mut Output<'_>,
    ) -> Result<emit::Emitted, OutError> {
        match self {
            Self::Write(folder, scope) => {
                let folder = Folder::new(folder.as_path());
                job.emit(&mut Write::new(folder, *scope)?, stdout)
            }
            Self::Check(folder, extent, scope) => {
                let folder = Folder::new(folder.as_path());
                job.emit(&mut Check::new(folder, *extent, *scope)?, stdout)
            }
            Self::Stdout(only) => {
                job.emit(&mut Stream::new(only, job.prepared.nodes().len()), stdout)
            }
        }
    }
}

impl CompileArgs {
    fn options(&self) -> Options {
        self.profile.mirror().options(
            match &self.node {
                _ if self.all_nodes => NodeSelection::All,
                Some(name) => NodeSelection::Named(name.clone()),
                None => NodeSelection::FromConfiguration,
            },
            &self.manifests,
        )
    }

    fn destination(&self, verbosity: Verbosity) -> Destination<'_> {
        let is_whole = self.whole || verbosity >= Verbosity::Verbose;
        let scope = if self.all_nodes {
            Scope::Folder
        } else {
            Scope::Nodes
        };
        match &self.out {
            Some(folder) if self.check && is_whole => {
                Destination::Check(folder, Extent::Whole, scope)
            }
            Some(folder) if self.check => Destination::Check(folder, Extent::Short, scope),
            Some(folder) => Destination::Write(folder, scope),
            None => Destination::Stdout(&self.only),
        }
    }

    fn source_maps(&self) -> emit::SourceMaps {
        if self.source_map && !self.check {
            emit::SourceMaps::Wanted
        } else {
            emit::SourceMaps::Unwanted
        }
    }
}

pub(crate) fn run(
    args: &CompileArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let request = Request {
        telling: Telling::AtOnce,
        filename: &args.files.filename,
        manifests: &args.manifests,
        options: args.options(),
        message_format: args.message_format,
    };
    let Some(checked) = request.check(context, clock)? else {
        return Ok(Exit::Data);
    };
    let Checked {
        sources,
        outcome,
        prepared,
    } = &checked;

    let destination = args.destination(context.verbosity);
    refuse_binary_mix(&destination, prepared, context)?;
    let job = emit::Job {
        prepared,
        objects: &outcome.objects,
        sources,
        source_maps: args.source_maps(),
    };
    let line = ProgressLine::suited(context.verbosity, context.streams.stdout.device());
    let streams = &mut *context.streams;
    let stdout = &mut streams.stdout;
    clock.begin_phase("emit");
    let emitted = clock.watch(&mut streams.stderr, line, || destination.take(&job, stdout))?;

    if args.message_format.tells_people(context.verbosity) {
        let text = summary::text(&outcome.summary, &destination, &emitted);
        context.streams.stderr.say(&text);
    }
    Ok(match destination {
        Destination::Check(..) if emitted.outcome.changed > 0 => {
            if let Some(line) = context.typed.without(&["check", "whole"]) {
                let line = format!("To write it: {line}\n");
                context.streams.stdout.styled(&line);
            }
            Exit::Differs
        }
        _ => Exit::Done,
    })
}

/// Netlink messages of several nodes, or on a terminal, are of no use to anybody.
fn refuse_binary_mix(
    destination: &Destination<'_>,
    prepared: &Prepared,
    context: &Context<'_, '_>,
) -> Result<(), Failure> {
    let Destination::Stdout([ArtefactKind::IpvsNetlink]) = destination else {
        return Ok(());
    };
    if prepared.nodes().len() > 1 {
        return Err(UsageError::new(
            "ipvs.nl of several nodes cannot share a pipe",
            "choose one node with --node, or write files with --out",
        )
        .into());
    }
    if context.streams.stdout.device() == Device::Terminal {
        return Err(UsageError::new(
            "ipvs.nl is binary, and standard output is a terminal",
            "redirect it to a file, and read that with: portolan show ipvs.nl",
        )
        .into());
    }
    Ok(())
}
