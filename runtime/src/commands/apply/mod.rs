mod error;
mod expected;
mod source;

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use portolan_compiler::plan::render::Page;

use super::shared::ask::{ConsentArgs, Question};
use super::shared::change::{ChangeArgs, change, finish_earlier};
use super::shared::planning;
use super::shared::planning::{LockArgs, PlanningArgs};
use super::shared::session::{Narrator, Session};
use crate::commands::shared::Context;
use crate::report::{Clock, Exit, Failure};
use crate::transaction::store::Purpose;
use error::ApplyError;
use expected::Expected;
use source::Source;

/// Bring a node to what is asked for, all of it or nothing
///
/// What is asked for is a plan that `portolan plan --out` wrote, a folder that `portolan compile --out`
/// wrote, or manifests. A plan is carried out as it was reviewed, and refused where the node has
/// changed since. The others are planned first, shown, and asked about; where nobody is at a terminal,
/// they need --yes.
///
/// The node ends in the state before or in the one asked for, whatever fails: an error undoes what was
/// done, and after a crash `portolan recover`, or the next apply, goes back or on. Destinations that
/// nobody asks for any more take no new connections and keep those they have for a while.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    group = ArgGroup::new("wanted").args(["source", "filename"]).required(true),
    after_help = "\
Examples:
  portolan apply plan.json
  portolan apply rules --node node-a --yes
  portolan apply -f cluster.yaml -f kube-proxy.yaml --node node-a --confirm-timeout 2m",
)]
pub(crate) struct ApplyArgs {
    /// A plan, or a compiled folder: MANIFEST and nodes/<node>/...; with plan: or rules: before it
    /// that alone
    #[arg(value_name = "PLAN|DIR")]
    source: Option<PathBuf>,

    #[command(flatten)]
    planning: PlanningArgs,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    change: ChangeArgs,

    /// Refuse anything that does not lead to this target: what was reviewed, in at least 12 digits
    #[arg(long, value_name = "TARGET", help_heading = "Safety")]
    expect: Option<Expected>,

    #[command(flatten)]
    consent: ConsentArgs,
}

pub(crate) fn run(
    args: &ApplyArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let Some(source) = Source::load(args, context, clock)? else {
        return Ok(Exit::Data);
    };
    if let Some(expected) = &args.expect
        && !expected.is(source.target())
    {
        let (expected, found) = (expected.clone(), source.target());
        return Err(ApplyError::Unexpected { expected, found }.into());
    }
    let session = Session::open(&args.lock)?;
    if !args.planning.takes_over() {
        error::refuse_beside_proxies(&*session.node.0)?;
    }
    let mut narrator = Narrator::new(context, args.change.output.format);
    finish_earlier(&session, &mut narrator)?;
    clock.begin_phase("observe");
    let holds = session.holds()?;
    clock.begin_phase("plan");
    let plan = match source {
        Source::Plan(plan) => {
            error::refuse_stale(&plan, &holds, args.planning.node.as_deref(), &session.store)?;
            *plan
        }
        Source::Desired(desired) => {
            let plan = args.planning.plan(&desired, &holds)?;
            let page = Page {
                node: &desired.node,
                target: desired.target,
                plan: &plan,
                services: &desired.services(&holds),
                notes: &[],
            };
            let asked = (&page, &holds);
            args.consent
                .obtain(Question::Apply, asked, &session, &mut narrator)?;
            planning::file(&desired, &holds, &plan)
        }
    };
    clock.begin_phase("apply");
    change(session, Purpose::Apply, plan, &args.change, narrator)
}
