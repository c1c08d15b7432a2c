use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use portolan_compiler::plan::End;

use super::planning::LockArgs;
use super::session::{EventArgs, Narrator, Session};
use crate::cli::{Context, Exit, Failure};
use crate::transaction::Recovered;
use crate::transaction::store::{Store, TransactionId};
use crate::{host, transaction};

/// Bring a node to where its records say it should be
///
/// Ends an apply that was cut off: back to the state before if the new one was not in place yet, on to
/// it otherwise. Undoes one that nobody confirmed in time. After a boot, brings back the generation
/// that was confirmed last. Takes away destinations that have drained.
///
/// Run it whenever in doubt: where nothing is to be done it does nothing.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct RecoverArgs {
    #[command(flatten)]
    lock: LockArgs,

    /// Decide where an apply that was cut off ends
    #[arg(long, value_name = "STATE", value_enum, help_heading = "Safety")]
    to: Option<To>,

    #[command(flatten)]
    output: EventArgs,

    /// Wait for this transaction's deadline first
    #[arg(long, value_name = "ID", hide = true, value_parser = transaction_id)]
    at_deadline: Option<TransactionId>,
}

/// An end of an apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// The state before it
    Old,
    /// The state it was for; one that never was in place is undone all the same
    New,
}

pub(super) fn transaction_id(text: &str) -> Result<TransactionId, String> {
    TransactionId::parse(text).ok_or_else(|| "not the id of a transaction".to_owned())
}

pub(super) fn run(args: &RecoverArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
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
    super::boot::bring_back(&session, &mut narrator)?;
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

/// What recovery found and did, for people.
pub(super) fn describe(recovered: &Recovered) -> String {
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
