use std::path::PathBuf;

use clap::Args;
use portolan_compiler::back::NodeState;
use portolan_compiler::escape;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::render::{Page, Services, object};
use portolan_compiler::plan::{Claims, Durability, LeftAlone, Op, Plan, Step, plan};
use serde_json::json;

use super::planning::{self, PlanningError, StateArgs};
use super::session::{EventArgs, EventFormat};
use crate::cli::{Context, Exit, Failure, Verbosity};
use crate::host::{self, Holds};
use crate::out::Folder;
use crate::transaction::store::{Kind, Store, StoreError};

/// Compare what a node holds with what was applied to it
///
/// Reads and changes nothing. Exit 1 if anything drifted, with a list of what. Destinations that
/// drain are none of it.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct VerifyArgs {
    /// Compare with this compiled folder [default: the generation that was applied last]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,

    /// The folder's node [default: its only one]
    #[arg(long, value_name = "NAME", requires = "folder")]
    node: Option<String>,

    #[command(flatten)]
    state: StateArgs,

    #[command(flatten)]
    output: EventArgs,
}

pub(super) fn run(args: &VerifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let store = args.state.existing()?;
    let inventory = store.as_ref().map(Store::inventory).transpose()?;
    let holds = host::services(inventory.unwrap_or_default())?;
    let Some((node, state)) = wanted(args, store.as_ref())? else {
        context
            .streams
            .stdout
            .styled("Nothing of ours is to be here.\n");
        return Ok(Exit::Done);
    };
    let drift = drift(&state, &holds)?;
    let page = Page {
        node: &node,
        plan: &drift,
        services: &Services::new(&state, None),
    };
    tell(args.output.format, &page, context);
    Ok(if drift.is_empty() {
        Exit::Done
    } else {
        Exit::Differs
    })
}

/// What the node is asked to hold; `None` after a cleanup.
fn wanted(
    args: &VerifyArgs,
    store: Option<&Store>,
) -> Result<Option<(NodeName, NodeState)>, Failure> {
    if let Some(folder) = &args.folder {
        let read = Folder::new(folder).read_state(args.node.as_deref())?;
        return Ok(Some((read.node, read.state)));
    }
    let current = store.map(Store::current).transpose()?.flatten();
    let (Some(store), Some(current)) = (store, current) else {
        return Err(StoreError::NoGeneration {
            number: 0,
            known: Vec::new(),
        }
        .into());
    };
    let generation = store.generation(current.generation)?;
    if generation.kind == Kind::Cleanup {
        return Ok(None);
    }
    let state = planning::state_of(&generation)?;
    Ok(Some((generation.node, state)))
}

/// What would have to be done.
fn drift(state: &NodeState, holds: &Holds) -> Result<Plan, PlanningError> {
    let claims = Claims::tracked(holds.inventory.clone());
    plan(state, &holds.observed, &claims).map_err(PlanningError::Impossible)
}

fn tell(format: EventFormat, page: &Page<'_>, context: &mut Context<'_, '_>) {
    let lasting = || {
        let steps = page.plan.steps.iter();
        steps.filter(|step| step.durability == Durability::Lasting)
    };
    let draining = || {
        let left = page.plan.left_alone.iter();
        left.filter(|left| matches!(left, LeftAlone::Draining(_)))
    };
    let text = match format {
        EventFormat::Json => {
            let drift: Vec<_> = lasting()
                .map(|step| json!({"object": object(&step.subject), "drift": word(step)}))
                .collect();
            let draining: Vec<String> = draining().map(LeftAlone::name).collect();
            let node = page.node.as_str();
            escape::json_line(&json!({"node": node, "drift": drift, "draining": draining}))
        }
        EventFormat::Human if page.plan.is_empty() => {
            let draining = draining().map(|left| format!("  draining  {}\n", left.name()));
            "No drift: the node holds what was applied.\n".to_owned()
                + &draining.collect::<String>()
        }
        EventFormat::Human => {
            let line = |step: &Step| format!("  {:<8} {}\n", word(step), object(&step.subject));
            let objects = match lasting().count() {
                1 => "1 object".to_owned(),
                many => format!("{many} objects"),
            };
            lasting().map(line).collect::<String>()
                + &format!("Drift: {objects}. `portolan apply` of the same input mends it.\n")
        }
    };
    if context.verbosity > Verbosity::Quiet || format == EventFormat::Json {
        context.streams.stdout.styled(&text);
    }
}

/// What happened to the object since it was applied.
fn word(step: &Step) -> &'static str {
    match step.subject.op() {
        Op::Add => "missing",
        Op::Change | Op::Flush => "changed",
        Op::Remove => "extra",
    }
}
