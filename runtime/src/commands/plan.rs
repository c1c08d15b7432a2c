use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use portolan_compiler::escape::visible;
use portolan_compiler::observed::of_mode;
use portolan_compiler::plan::Inventory;
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::render::{self, Page};

use super::shared::manifests::Telling;
use super::shared::planning::{Offer, OwnName, PlanningArgs, StateArgs, print};
use super::shared::save::save;
use super::shared::trusting::KeysArgs;
use super::shared::unused;
use crate::commands::shared::Context;
use crate::host::{self, Holds};
use crate::report::{Clock, Exit, Failure, Verbosity};
use crate::rules::{Rules, RulesError};
use crate::trust::{Order, Presented, Provenance, Unsigned};

/// Show what would change on a node, and change nothing
///
/// Compares what is asked for with what the node holds, and says which steps lead from the one to the
/// other, in which order, and whose connections they end. What is asked for is a folder that
/// `portolan compile --out` wrote, a bundle, or manifests.
///
/// A capture is a folder with the output of ordinary tools:
///   ipvs.rules (ipvsadm -Sn), ipvs.timeouts (ipvsadm -L --timeout), ipset.save (ipset save),
///   iptables.save (iptables-save), ip6tables.save (ip6tables-save), addresses (ip addr),
///   ruleset.nft (nft list ruleset), iptables-legacy.save and ip6tables-legacy.save where both variants
///   have rules, sysctl (sysctl -a), and inventory and services, which portolan keeps.
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
pub(crate) struct PlanArgs {
    /// A compiled folder, or a bundle
    #[arg(value_name = "DIR|BUNDLE")]
    folder: Option<PathBuf>,

    #[command(flatten)]
    planning: PlanningArgs,

    /// Read what the node holds from this capture of it [default: this machine]
    #[arg(long, value_name = "DIR", help_heading = "Node")]
    observed: Option<PathBuf>,

    #[command(flatten)]
    keys: KeysArgs,

    #[command(flatten)]
    state: StateArgs,

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

pub(crate) fn run(
    args: &PlanArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    if let Some(capture) = &args.observed {
        unused::beside_capture(&context.given, capture)?;
    }
    let own = match (&args.folder, &args.observed) {
        (Some(_), None) => Some(OwnName::of(args.state.existing()?.as_ref())?),
        _ => None,
    };
    let rules = args
        .folder
        .as_deref()
        .map(|path| Ok((path, Rules::open(path)?)));
    let rules = rules.transpose().map_err(|error: RulesError| error)?;
    let offer = rules.as_ref().map(|(path, rules)| Offer {
        path,
        rules,
        to: own.as_ref(),
    });
    let Some(desired) = args
        .planning
        .desired(offer, Telling::Later, context, clock)?
    else {
        return Ok(Exit::Data);
    };
    if args.observed.is_none() {
        tell_trust(args, rules.as_ref().map(|(_, rules)| rules), context)?;
    }
    clock.begin_phase("observe");
    let mut notes = Vec::new();
    let holds = if let Some(folder) = &args.observed {
        let (holds, about) = host::capture::read(folder)?;
        notes = about.notes(desired.state.mode(), &desired.node_addresses);
        holds
    } else {
        match args.state.existing()? {
            Some(store) => Holds {
                services: store.services()?,
                ..host::services(store.inventory()?)?
            },
            None => host::services(Inventory::default())?,
        }
    };
    let mode = desired.assumed_mode;
    let mode = mode.and_then(|assumed| of_mode(&holds.observed, assumed));
    notes.extend(mode.map(|note| note.to_string()));
    clock.begin_phase("plan");
    let plan = args.planning.plan(&desired, &holds);
    let plan = plan.inspect_err(|_| {
        desired.tell(context);
        tell_notes(&notes, context);
    })?;
    clock.begin_phase("print");
    let file = args.planning.file(&desired, &holds, &plan);
    let page = Page {
        node: &desired.node,
        target: desired.target,
        plan: &plan,
        services: &desired.services(&holds),
        notes: &notes,
    };
    desired.tell_about(&page, context);
    show(args, &page, &file, context)
}

/// Says what has to be known of the capture where there is no plan to say it on.
fn tell_notes(notes: &[String], context: &mut Context<'_, '_>) {
    if context.verbosity > Verbosity::Quiet {
        for note in notes {
            let line = visible(&format!("note: {note}"));
            context.streams.stderr.say(&format!("{line}\n"));
        }
    }
}

fn show(
    args: &PlanArgs,
    page: &Page<'_>,
    file: &PlanFile,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    if let Some(path) = &args.out {
        let saved = save(path, file.write(page).as_bytes())?;
        if context.verbosity > Verbosity::Quiet {
            context.streams.stderr.say(&saved);
        }
    }
    let stdout = &mut context.streams.stdout;
    match args.output {
        Format::Human => stdout.styled(&print::human(page)),
        Format::Json => stdout.document(&file.write(page)),
        Format::Markdown => stdout.document(&render::markdown(page)),
    }
    Ok(if args.detailed_exitcode && !page.plan.is_empty() {
        Exit::Changes
    } else {
        Exit::Done
    })
}

/// Who vouches for rules, where this node asks, and whether an apply would take them.
fn tell_trust(
    args: &PlanArgs,
    rules: Option<&Rules>,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    let line = match args
        .keys
        .trust()?
        .vouch(Presented::of(rules), Unsigned::Refused)
    {
        Ok(vouched) => {
            let provenance = Provenance {
                edition: rules.and_then(Rules::edition).cloned(),
                vouched,
                order: Order::InOrder,
            };
            if provenance == Provenance::UNKNOWN {
                return Ok(());
            }
            format!("Rules {provenance}.\n")
        }
        Err(error) => format!(
            "note: `portolan apply` would refuse them: {}\n",
            visible(&error.to_string())
        ),
    };
    if context.verbosity > Verbosity::Quiet {
        context.streams.stderr.say(&line);
    }
    Ok(())
}
