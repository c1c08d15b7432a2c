mod desired;
mod error;
mod ownership;
mod print;
pub(super) mod save;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::plan::{EmptyInput, Guard, Plan, plan};

use super::manifests::{ManifestArgs, ProfileArgs};
use crate::cli::{Clock, Context, Exit, Failure, Verbosity};
use crate::host;
use desired::Desired;
use error::PlanningError;
use ownership::OwnershipArgs;

/// Show what would change on a node, and change nothing
///
/// Compares what is asked for with what the node holds, and says which steps lead from the one to the
/// other, in which order, and whose connections they end. What is asked for is a folder that
/// `portolan compile --out` wrote, or manifests.
///
/// A capture is a folder with the output of ordinary tools:
///   ipvs.rules (ipvsadm -Sn), ipvs.timeouts (ipvsadm -L --timeout), ipset.save (ipset save),
///   iptables.save (iptables-save), ip6tables.save (ip6tables-save), addresses (ip -o addr),
///   sysctl (sysctl -a), and inventory, which portolan itself keeps.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    group = ArgGroup::new("wanted").args(["folder", "filename"]).required(true),
    after_help = "\
Examples:
  portolan plan rules --node node-a --observed capture/
  portolan plan -f cluster.yaml -f kube-proxy.yaml --node node-a --observed capture/ --out plan.json
  portolan plan rules --observed capture/ --takeover --exclude-cidrs none --output markdown",
)]
pub struct PlanArgs {
    /// A compiled folder: MANIFEST and nodes/<node>/…
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,

    /// Compile manifests from a file, a folder (its *.yaml, *.yml and *.json) or a pipe (-)
    #[arg(
        short = 'f',
        long = "filename",
        value_name = "FILE|DIR|-",
        help_heading = "Input"
    )]
    filename: Vec<OsString>,

    #[command(flatten)]
    manifests: ManifestArgs,

    /// Plan for this Node [default: the folder's only one, or the configuration's hostnameOverride]
    #[arg(long, value_name = "NAME", help_heading = "What to compile")]
    node: Option<String>,

    #[command(flatten)]
    profile: ProfileArgs,

    /// Take what the node holds from this capture of it [default: this machine]
    #[arg(long, value_name = "DIR", help_heading = "Node")]
    observed: Option<PathBuf>,

    #[command(flatten)]
    ownership: OwnershipArgs,

    /// Refuse to remove, or leave without endpoints, more than this share of the virtual servers
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 25,
        value_parser = clap::value_parser!(u8).range(..=100),
        help_heading = "Safety"
    )]
    max_removal: u8,

    /// Take input without any Service at its word
    #[arg(long, help_heading = "Safety")]
    allow_empty: bool,

    /// Also write the plan to this file, as JSON
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,

    /// Print the plan for people, for machines, or as a comment on a change
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    output: Format,

    /// Exit 2 if there is anything to do
    #[arg(long, help_heading = "Output")]
    detailed_exitcode: bool,
}

/// How the plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// As text
    Human,
    /// As one line of JSON, the same that --out writes
    Json,
    /// As Markdown
    Markdown,
}

impl PlanArgs {
    fn guard(&self) -> Guard {
        Guard {
            removal_percent: self.max_removal,
            empty: if self.allow_empty {
                EmptyInput::Meant
            } else {
                EmptyInput::Refused
            },
        }
    }
}

pub(super) fn run(
    args: &PlanArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    args.ownership.check(args.folder.as_deref())?;
    let Some(desired) = desired::load(args, context, clock)? else {
        return Ok(Exit::Data);
    };
    clock.begin_phase("observe");
    let host::Holds {
        observed,
        inventory,
        connections,
    } = match &args.observed {
        Some(folder) => host::capture::read(folder)?,
        None => host::services()?,
    };
    clock.begin_phase("plan");
    let claims = args.ownership.claims(desired.exclude.clone(), inventory);
    let mut plan = plan(&desired.state, &observed, &claims).map_err(PlanningError::Impossible)?;
    plan.count_connections(&connections);
    args.guard()
        .check(&plan, &desired.state)
        .map_err(PlanningError::Refused)?;
    clock.begin_phase("print");
    let file = PlanFile {
        node: desired.node.clone(),
        target: desired.target,
        observed: observed.digest(),
        steps: plan.steps.clone(),
    };
    show(args, &desired, &plan, &file, context)
}

fn show(
    args: &PlanArgs,
    desired: &Desired,
    plan: &Plan,
    file: &PlanFile,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let services: &Services = &desired.services;
    let page = Page {
        node: &desired.node,
        plan,
        services,
    };
    if let Some(path) = &args.out {
        let saved = save::save(path, file.write(&page).as_bytes())?;
        if context.verbosity > Verbosity::Quiet {
            context.streams.stderr.say(&saved);
        }
    }
    let text = match args.output {
        Format::Human => print::human(&page),
        Format::Json => file.write(&page),
        Format::Markdown => print::markdown(&page),
    };
    context.streams.stdout.styled(&text);
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        Exit::Changes
    } else {
        Exit::Done
    })
}
