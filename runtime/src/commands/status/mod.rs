mod human;
mod json;
mod look;
mod report;
#[cfg(test)]
mod tests;

use clap::Args;

use super::shared::filter::{Choice, NamespaceArgs};
use super::shared::format::{Format, FormatArgs};
use super::shared::planning::LockArgs;
use super::shared::session::Session;
use super::shared::trusting::KeysArgs;
use crate::commands::shared::Context;
use crate::host::{Detail, Executor};
use crate::report::{Exit, Failure, Verbosity};
use human::Figures;
use look::Look;
use portolan_compiler::escape;
use report::{Counts, Report};

/// Say what runs on a node, since when, and what it has carried
///
/// Says which generation was applied last, what is under way, what drains, and lists what the virtual
/// servers have carried, in the columns of `ipvsadm -Ln --stats --rate`; the kernel sums that up every
/// two seconds. Names of Services are known where manifests were applied. It waits for nothing, and
/// changes nothing without --zero.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct StatusArgs {
    /// List destinations as well
    #[arg(long, help_heading = "Output")]
    destinations: bool,

    #[command(flatten)]
    namespaces: NamespaceArgs,

    /// Print whole numbers, where K, M, G and T stand for thousands and so on otherwise;
    /// JSON has whole numbers anyway
    #[arg(long, help_heading = "Output")]
    exact: bool,

    /// Afterwards set the counters of portolan's virtual servers to zero; with -n of those that are listed
    #[arg(long)]
    zero: bool,

    #[command(flatten)]
    keys: KeysArgs,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    output: FormatArgs,
}

pub(crate) fn run(args: &StatusArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let store = args.lock.state.existing()?;
    let choice = Choice::of_records(args.namespaces.filter());
    let look = Look {
        store: store.as_ref(),
        choice: &choice,
        keys: &args.keys,
        detail: if args.destinations {
            Detail::Destinations
        } else {
            Detail::Servers
        },
    };
    let holder = look.holder()?;
    // Only one who holds the lock knows that what is set to zero is still ours.
    let session = if args.zero && store.is_some() {
        Some(Session::open(&args.lock)?)
    } else {
        None
    };
    let report = look.report(holder)?;
    if let Some(looked) = &report.looked {
        looked.say(context);
    }
    let figures = if args.exact {
        Figures::Exact
    } else {
        Figures::Short
    };
    let stdout = &mut context.streams.stdout;
    match args.output.format {
        Format::Human => stdout.styled(&human::text(&report, figures)),
        Format::Json => stdout.document(&escape::json_line(&json::value(&report))),
    }
    if args.zero {
        let zeroed = match &session {
            Some(session) => zero(&report, &*session.node.0)?,
            None => 0,
        };
        if context.verbosity > Verbosity::Quiet {
            let text = format!("Set to zero: the counters of {zeroed} virtual servers.\n");
            context.streams.stderr.say(&text);
        }
    }
    Ok(Exit::Done)
}

/// Sets the counters to zero that are ours; tells of how many virtual servers.
fn zero<N: Executor + ?Sized>(report: &Report, node: &N) -> Result<usize, Failure> {
    let (Some(_), Counts::Known { rows, .. }) = (&report.applied, &report.counts) else {
        return Ok(0);
    };
    let servers: Vec<_> = rows.iter().map(|row| row.counted.server).collect();
    node.zero(&servers)?;
    Ok(servers.len())
}
