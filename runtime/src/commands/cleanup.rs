use clap::Args;
use portolan_compiler::bundle::Digest;
use portolan_compiler::mode::NodeState;
use portolan_compiler::plan::file::{Files, PlanFile, ServiceNames};
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::plan::{Ours, cleanup};
use portolan_compiler::target::target;

use super::shared::ask::{ConsentArgs, Question};
use super::shared::change::{ChangeArgs, change, finish_earlier};
use super::shared::planning::{LockArgs, PlanningError, ground, print, state_of};
use super::shared::session::{Narrator, Session};
use crate::commands::shared::Context;
use crate::report::{Exit, Failure};
use crate::transaction::store::Purpose;
use crate::trust::Provenance;

/// Remove everything that portolan owns on a node, and nothing else
///
/// Virtual servers and addresses as recorded, sets and chains by their names; settings go back to
/// what they were before the first apply. Connections through them end. The records stay, so that
/// `portolan rollback` brings everything back. On a terminal it is shown and asked about; elsewhere it
/// needs --yes.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CleanupArgs {
    /// Only show what would be removed
    #[arg(long)]
    plan: bool,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    change: ChangeArgs,

    #[command(flatten)]
    consent: ConsentArgs,
}

pub(crate) fn run(args: &CleanupArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let session = Session::open(&args.lock)?;
    let mut narrator = Narrator::new(context, args.change.output.format);
    finish_earlier(&session, &mut narrator)?;
    let store = &session.store;
    let Some(generation) = store.current_generation()? else {
        narrator.say("Nothing to do: nothing was applied here.\n");
        return Ok(Exit::Done);
    };
    if generation.kind == Purpose::Cleanup {
        narrator.say("Nothing to do: all of ours is gone already.\n");
        return Ok(Exit::Done);
    }
    let holds = session.holds()?;
    let state = state_of(&generation)?;
    let found = store.found()?;
    let ours = Ours {
        state: &state,
        inventory: &holds.inventory,
        sysctls: &found.sysctls(),
        timeouts: found.timeouts(),
    };
    let mut plan = cleanup(ours, &holds.observed).map_err(PlanningError::Impossible)?;
    plan.count_connections(&holds.connections);
    let nothing = NodeState::empty(state.mode());
    let page = Page {
        node: &generation.node,
        target: target(&nothing),
        plan: &plan,
        services: &Services::new(&state, holds.services.as_ref()),
        notes: &[],
    };
    if args.plan {
        let text = print::human(&page);
        narrator.context.streams.stdout.styled(&text);
        return Ok(Exit::Done);
    }
    let asked = (&page, &holds);
    args.consent
        .obtain(Question::CleanUp, asked, &session, &mut narrator)?;
    let file = PlanFile {
        node: generation.node.clone(),
        kube_version: generation.kube_version,
        input: Digest::of(b""),
        target: page.target,
        observed: ground(&holds.observed),
        terms: None,
        steps: plan.steps.clone(),
        files: Files::of(&nothing),
        services: ServiceNames::new(),
    };
    let provenance = Provenance::UNKNOWN;
    change(
        session,
        Purpose::Cleanup,
        file,
        provenance,
        &args.change,
        narrator,
    )
}
