mod error;
mod source;
mod wait;

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::render::Page;
use portolan_compiler::plan::{Unserved, render};

use super::planning;
use super::planning::{LockArgs, PlanningArgs, print, seconds};
use super::session::{EventArgs, EventFormat, Narrator, Session};
use crate::cli::{Clock, Context, Device, Exit, Failure};
use crate::transaction::store::Kind;
use crate::transaction::{Change, Outcome, Recovered, TransactionError};
use error::ApplyError;
use source::Source;

/// Bring a node to what is asked for, all of it or nothing
///
/// What is asked for is a plan that `portolan plan --out` wrote, a folder that `portolan compile --out`
/// wrote, or manifests. A plan is carried out as it was reviewed, and refused where the node has
/// changed since. The others are planned first, and on a terminal shown before anything is touched.
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
pub struct ApplyArgs {
    /// A plan, or a compiled folder: MANIFEST and nodes/<node>/...; with plan: or rules: before it
    /// that alone
    #[arg(value_name = "PLAN|DIR")]
    source: Option<PathBuf>,

    #[command(flatten)]
    planning: PlanningArgs,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    manner: MannerArgs,

    /// Do not ask
    #[arg(short, long, help_heading = "Safety")]
    yes: bool,
}

/// How a change is made, whatever it is.
#[derive(Debug, Args)]
pub(super) struct MannerArgs {
    /// Undo everything unless `portolan confirm` comes within this time
    #[arg(long, value_name = "TIME", value_parser = seconds, help_heading = "Safety")]
    confirm_timeout: Option<u64>,

    /// Let destinations that go keep their connections for this long at most; 0 ends them at once
    #[arg(
        long,
        value_name = "TIME",
        default_value = "5m",
        value_parser = seconds,
        help_heading = "Safety"
    )]
    drain: u64,

    /// Return only when nothing drains any more
    #[arg(long, help_heading = "Safety")]
    wait: bool,

    #[command(flatten)]
    pub(super) output: EventArgs,
}

pub(super) fn run(
    args: &ApplyArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let Some(source) = Source::load(args, context, clock)? else {
        return Ok(Exit::Data);
    };
    let session = Session::open(&args.lock)?;
    if !args.planning.takes_over() {
        error::refuse_beside_proxies(&*session.node.0)?;
    }
    let mut narrator = Narrator::new(context, args.manner.output.format);
    settle(&session, &mut narrator)?;
    clock.begin_phase("observe");
    let holds = session.holds()?;
    clock.begin_phase("plan");
    let plan = match source {
        Source::Plan(plan) => {
            error::refuse_stale(&plan, &holds, args.planning.node.as_deref())?;
            *plan
        }
        Source::Desired(desired) => {
            let plan = args.planning.plan(&desired, &holds)?;
            let page = Page {
                node: &desired.node,
                plan: &plan,
                services: &desired.services(&holds),
            };
            if !args.yes && !plan.is_empty() && asks(&narrator) {
                narrator.say(&print::human(&page));
                if !confirmed(&mut narrator) {
                    return Err(ApplyError::Declined.into());
                }
            }
            planning::file(&desired, &holds, &plan)
        }
    };
    clock.begin_phase("apply");
    change(session, Kind::Apply, plan, &args.manner, narrator)
}

/// Ends what an earlier run left unfinished, and takes away what has drained.
pub(super) fn settle(
    session: &Session,
    narrator: &mut Narrator<'_, '_, '_>,
) -> Result<(), Failure> {
    let recovered = session.engine(narrator).recover(None)?;
    match recovered {
        Recovered::Nothing => {}
        Recovered::Waiting { id, deadline } => {
            let now = session.node.0.uptime()?;
            let seconds = deadline.0.saturating_sub(now.0);
            return Err(TransactionError::Waiting { id, seconds }.into());
        }
        other => narrator.say(&super::recover::describe(&other)),
    }
    session.engine(narrator).drain()?;
    Ok(())
}

/// Makes a change that was planned and agreed to.
pub(super) fn change(
    session: Session,
    kind: Kind,
    plan: PlanFile,
    manner: &MannerArgs,
    mut narrator: Narrator<'_, '_, '_>,
) -> Result<Exit, Failure> {
    let unserved = unserved(&session, kind, &plan)?;
    if kind == Kind::Apply && nothing_to_do(&session, &plan)? {
        narrator.event_value(serde_json::json!({"event": "unchanged"}));
        narrator.say(&format!("{}.\n", render::nothing_to_do(unserved)));
        tell_unserved(unserved, &mut narrator);
        return Ok(Exit::Done);
    }
    let steps = plan.steps.len();
    let change = Change {
        kind,
        plan,
        drain: manner.drain,
        confirm: manner.confirm_timeout,
    };
    let outcome = session.engine(&mut narrator).apply(change)?;
    let (generation, draining) = match outcome {
        Outcome::Committed {
            generation,
            draining,
        } => (generation, draining),
        Outcome::Waiting { id, .. } => return wait::for_confirmation(session, &id, narrator),
    };
    narrator.say(&summary(generation, steps, draining));
    tell_unserved(unserved, &mut narrator);
    if manner.wait {
        wait::for_drained(&session, &mut narrator)?;
    }
    Ok(Exit::Done)
}

/// What of the new state the node cannot serve.
fn unserved(session: &Session, kind: Kind, plan: &PlanFile) -> Result<Option<Unserved>, Failure> {
    if kind == Kind::Cleanup {
        return Ok(None);
    }
    let state = session.store.state(&plan.files)?;
    let unserved = Unserved::of(&state, session.node.0.as_driver().ipv6()?);
    Ok(unserved.filter(|unserved| unserved.frontends > 0))
}

fn tell_unserved(unserved: Option<Unserved>, narrator: &mut Narrator<'_, '_, '_>) {
    if let Some(unserved) = unserved {
        narrator.event_value(serde_json::json!({
            "event": "unserved",
            "family": "IPv6",
            "frontends": unserved.frontends,
            "why": unserved.why.to_string(),
        }));
        narrator.say(&format!("IPv6: {unserved}.\n"));
    }
}

fn summary(generation: u64, steps: usize, draining: usize) -> String {
    let steps = match steps {
        1 => "1 step".to_owned(),
        many => format!("{many} steps"),
    };
    let draining = match draining {
        0 => String::new(),
        1 => ", 1 destination drains".to_owned(),
        many => format!(", {many} destinations drain"),
    };
    format!("Applied generation {generation}: {steps}{draining}.\n")
}

/// Whether neither the node nor the records would change.
fn nothing_to_do(session: &Session, plan: &PlanFile) -> Result<bool, Failure> {
    let store = &session.store;
    if !plan.steps.is_empty() {
        return Ok(false);
    }
    let Some(current) = store.current()? else {
        return Ok(false);
    };
    let generation = store.generation(current.generation)?;
    // A folder that an older portolan compiled knows no names, and takes none away.
    let same_names = plan.services.is_empty() || generation.services == plan.services;
    Ok(plan.files.add_nothing_to(&generation.files)
        && same_names
        && generation.kube_version == plan.kube_version
        && generation.node == plan.node
        && current.boot == session.node.0.boot()?)
}

fn asks(narrator: &Narrator<'_, '_, '_>) -> bool {
    let streams = &narrator.context.streams;
    narrator.format == EventFormat::Human
        && streams.stdin_device == Device::Terminal
        && streams.stderr.device() == Device::Terminal
}

fn confirmed(narrator: &mut Narrator<'_, '_, '_>) -> bool {
    narrator
        .context
        .streams
        .stderr
        .say("Apply this? Only yes is taken for yes: ");
    let mut answer = String::new();
    let mut byte = [0];
    while let Ok(1) = narrator.context.streams.stdin.read(&mut byte) {
        match byte[0] {
            b'\n' => break,
            byte => answer.push(char::from(byte)),
        }
    }
    answer.trim() == "yes"
}
