//! A change of the node: how it is made, and what is told of it.

mod wait;

use clap::Args;
use portolan_compiler::bundle::Target;
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::{Unserved, render};

use super::format::EventArgs;
use super::planning::seconds;
use super::session::{Narrator, Session};
use crate::report::{Exit, Failure};
use crate::transaction::store::Purpose;
use crate::transaction::{Change, Outcome, Recovered, TransactionError};
use crate::trust::Provenance;

/// How a change is made, whatever it is.
#[derive(Debug, Args)]
pub(in crate::commands) struct ChangeArgs {
    /// Undo everything unless `portolan confirm` comes within this time
    #[arg(long, value_name = "TIME", value_parser = seconds, help_heading = "Safety")]
    confirm_timeout: Option<u64>,

    /// Let removed destinations keep their connections for at most this long; 0 ends them at once
    #[arg(
        long,
        value_name = "TIME",
        default_value = "5m",
        value_parser = seconds,
        help_heading = "Safety"
    )]
    drain: u64,

    /// Wait until no destination is draining
    #[arg(long, help_heading = "Safety")]
    wait: bool,

    #[command(flatten)]
    pub(in crate::commands) output: EventArgs,
}

/// Ends what an earlier run left unfinished, and takes away what has drained.
pub(in crate::commands) fn finish_earlier(
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
        other => narrator.say(&describe(&other)),
    }
    session.engine(narrator).drain()?;
    Ok(())
}

/// Makes a change that was planned and agreed to.
pub(in crate::commands) fn change(
    session: Session,
    kind: Purpose,
    plan: PlanFile,
    provenance: Provenance,
    args: &ChangeArgs,
    mut narrator: Narrator<'_, '_, '_>,
) -> Result<Exit, Failure> {
    let unserved = unserved(&session, kind, &plan)?;
    if kind == Purpose::Apply && nothing_to_do(&session, &plan, &provenance)? {
        narrator.event_value(serde_json::json!({
            "event": "unchanged",
            "target": plan.target.to_string(),
        }));
        narrator.say(&format!("{}.\n", render::nothing_to_do(unserved)));
        tell_unserved(unserved, &mut narrator);
        return Ok(Exit::Done);
    }
    let (steps, target) = (plan.steps.len(), plan.target);
    let change = Change {
        kind,
        plan,
        provenance,
        drain: args.drain,
        confirm: args.confirm_timeout,
    };
    let outcome = session.engine(&mut narrator).apply(change)?;
    let (generation, draining) = match outcome {
        Outcome::Committed {
            generation,
            draining,
        } => (generation, draining),
        Outcome::Waiting { id, .. } => return wait::for_confirmation(session, &id, narrator),
    };
    narrator.say(&summary(generation, target, steps, draining));
    tell_unserved(unserved, &mut narrator);
    if args.wait {
        wait::for_drained(&session, &mut narrator)?;
    }
    Ok(Exit::Done)
}

/// What of the new state the node cannot serve.
fn unserved(
    session: &Session,
    kind: Purpose,
    plan: &PlanFile,
) -> Result<Option<Unserved>, Failure> {
    if kind == Purpose::Cleanup {
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

fn summary(generation: u64, target: Target, steps: usize, draining: usize) -> String {
    let steps = match steps {
        1 => "1 step".to_owned(),
        many => format!("{many} steps"),
    };
    let draining = match draining {
        0 => String::new(),
        1 => ", 1 destination drains".to_owned(),
        many => format!(", {many} destinations drain"),
    };
    let target = target.short();
    format!("Applied generation {generation}: {steps}{draining}.\nTarget {target}.\n")
}

/// Whether neither the node nor the records would change.
fn nothing_to_do(
    session: &Session,
    plan: &PlanFile,
    provenance: &Provenance,
) -> Result<bool, Failure> {
    let store = &session.store;
    if !plan.steps.is_empty() {
        return Ok(false);
    }
    let Some(current) = store.current()? else {
        return Ok(false);
    };
    let Some(generation) = store.current_generation()? else {
        return Ok(false);
    };
    // A folder that an older portolan compiled knows no names, and takes none away.
    let same_names = plan.services.is_empty() || generation.services == plan.services;
    Ok(plan.files.add_nothing_to(&generation.files)
        && same_names
        && generation.kube_version == plan.kube_version
        && generation.node == plan.node
        && generation.provenance == *provenance
        && current.boot == session.node.0.boot()?)
}

/// What recovery found and did, for people.
pub(in crate::commands) fn describe(recovered: &Recovered) -> String {
    match recovered {
        Recovered::Nothing => String::new(),
        Recovered::Forgotten(id) => {
            format!("Apply {id} was cut off by a boot; the kernel has nothing of it.\n")
        }
        Recovered::Undone(id) => {
            format!("Apply {id} was cut off and is undone: the node is as before it.\n")
        }
        Recovered::Expired(id) => {
            format!("Apply {id} was not confirmed in time and is undone.\n")
        }
        Recovered::Finished { id, generation } => {
            format!("Apply {id} was cut off and is finished: generation {generation}.\n")
        }
        Recovered::Waiting { id, .. } => {
            format!("Apply {id} waits to be confirmed; --to old undoes it at once.\n")
        }
    }
}
