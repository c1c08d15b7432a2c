use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use portolan_compiler::plan::End;

use super::shared::change::describe;
use super::shared::format::EventArgs;
use super::shared::generation::plan_towards;
use super::shared::mirrored;
use super::shared::planning::LockArgs;
use super::shared::session::{Narrator, Session};
use super::shared::trusting::TrustArgs;
use crate::commands::shared::Context;
use crate::report::{Exit, Failure};
use crate::transaction::store::{Purpose, Store, TransactionId};
use crate::transaction::{Change, Recovered};
use crate::{host, transaction};

/// Bring a node to where its records say it should be
///
/// Ends an apply that was cut off: back to the state before if the new one was not in place yet, on to
/// it otherwise. Undoes one that nobody confirmed in time. After a boot, brings back the generation
/// that was confirmed last. Removes destinations that have drained.
///
/// Run it whenever in doubt: where nothing is to be done it does nothing.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct RecoverArgs {
    #[command(flatten)]
    lock: LockArgs,

    /// Decide where an apply that was cut off ends
    #[arg(long, value_name = "STATE", value_enum, help_heading = "Safety")]
    to: Option<To>,

    #[command(flatten)]
    trust: TrustArgs,

    #[command(flatten)]
    output: EventArgs,

    /// Wait for this transaction's deadline first
    #[arg(long, value_name = "ID", hide = true)]
    at_deadline: Option<TransactionId>,
}

/// An end of an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// The state before it
    Old,
    /// The new state; a change that never was in place is undone all the same
    New,
}

pub(crate) fn run(args: &RecoverArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    if let Some(id) = &args.at_deadline
        && !deadline_passes(&args.lock, id)?
    {
        return Ok(Exit::Done);
    }
    let session = Session::open(&args.lock)?;
    let mut narrator = Narrator::new(context, args.output.format);
    let decided = args.to.map(|to| match to {
        To::Old => End::Old,
        To::New => End::New,
    });
    let recovered = session.engine(&mut narrator).recover(decided)?;
    narrator.say(&describe(&recovered));
    if let Recovered::Waiting { .. } = recovered {
        return Ok(Exit::Unfinished);
    }
    bring_back(&session, &args.trust, &mut narrator)?;
    let drained = session.engine(&mut narrator).drain()?;
    narrator.say(&describe_drained(&drained));
    Ok(match recovered {
        Recovered::Expired(_) => Exit::Unconfirmed,
        _ => Exit::Done,
    })
}

/// Waits until the deadline is over; tells whether the transaction is still under way then.
fn deadline_passes(lock: &LockArgs, id: &TransactionId) -> Result<bool, Failure> {
    const INTERVAL: Duration = Duration::from_millis(250);
    host::detach();
    loop {
        let journal = Store::existing(&lock.state.state_dir)?
            .map(|store| store.journal())
            .transpose()?
            .flatten()
            .filter(|journal| journal.id == *id);
        let Some(deadline) = journal.and_then(|journal| journal.deadline) else {
            return Ok(false);
        };
        if host::uptime()? >= deadline.0 {
            return Ok(true);
        }
        thread::sleep(INTERVAL);
    }
}

/// Brings back the current generation where this boot has not had it yet.
fn bring_back(
    session: &Session,
    trust: &TrustArgs,
    narrator: &mut Narrator<'_, '_, '_>,
) -> Result<(), Failure> {
    let Some(current) = session.store.current()? else {
        return Ok(());
    };
    if current.boot == session.node.0.boot()? {
        return Ok(());
    }
    let generation = session.store.generation(current.generation)?;
    if generation.kind == Purpose::Cleanup {
        return Ok(());
    }
    let (unsigned, trust) = (trust.unsigned(), trust.trust()?);
    trust.take_again(&generation.provenance, unsigned)?;
    narrator.say(&mirrored::of_generation(&generation));
    let holds = session.holds()?;
    let plan = plan_towards(session, &generation, &holds)?;
    let change = Change {
        kind: Purpose::Boot,
        plan,
        provenance: generation.provenance,
        drain: 0,
        confirm: None,
    };
    session.engine(narrator).apply(change)?;
    narrator.say(&format!(
        "Brought back generation {} after a boot.\n",
        current.generation
    ));
    Ok(())
}

fn describe_drained(drained: &transaction::Drained) -> String {
    let removed = drained
        .removed
        .iter()
        .map(|key| format!("Drained: {key}\n"));
    let left = drained
        .left
        .iter()
        .map(|(key, connections)| format!("Draining: {key}, {connections} connections\n"));
    removed.chain(left).collect()
}
