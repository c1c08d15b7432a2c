use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use portolan_compiler::escape::visible;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::End;

use super::shared::change::describe;
use super::shared::format::EventArgs;
use super::shared::generation::plan_towards;
use super::shared::mirrored;
use super::shared::planning::LockArgs;
use super::shared::session::{Narrator, Session};
use super::shared::trusting::TrustArgs;
use crate::commands::shared::Context;
use crate::report::{Exit, Failure, UsageError};
use crate::transaction::store::{Purpose, Store, StoreError, TransactionId};
use crate::transaction::{Change, Recovered, Standing, Taken};
use crate::trust::Unsigned;
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
    /// Where the node is now: nothing of it is changed, and what of it is ours is recorded. The way out
    /// of records that are lost, and of a node that can be brought neither back nor on
    Node,
}

pub(crate) fn run(args: &RecoverArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    if let Some(id) = &args.at_deadline
        && !deadline_passes(&args.lock, id)?
    {
        return Ok(Exit::Done);
    }
    let session = Session::open(&args.lock)?;
    let mut narrator = Narrator::new(context, args.output.format);
    let decided = match args.to {
        None => None,
        Some(To::Old) => Some(End::Old),
        Some(To::New) => Some(End::New),
        Some(To::Node) => {
            let taken = session.engine(&mut narrator).take(&own_name()?)?;
            narrator.say(&describe_taken(&taken));
            bring_back(&session, &args.trust, &mut narrator)?;
            return Ok(Exit::Done);
        }
    };
    let recovered = session.engine(&mut narrator).recover(decided)?;
    narrator.say(&describe(&recovered));
    if let Recovered::Waiting { .. } = recovered {
        return Ok(Exit::Unfinished);
    }
    bring_back(&session, &args.trust, &mut narrator)?;
    // What is lost does not show in what the node holds, and stays so until somebody takes the way out.
    let losses = session.store.losses();
    if !losses.is_empty() {
        return Err(Failure::all(losses));
    }
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
    let Some(generation) = session.store.current_generation()? else {
        return Ok(());
    };
    match generation.kind {
        Purpose::Cleanup => return Ok(()),
        Purpose::Taken => {
            let number = generation.number;
            return Err(StoreError::Unknown { number }.into());
        }
        _ => {}
    }
    let (unsigned, trust) = (trust.unsigned(), trust.trust()?);
    trust.take_again(&generation.provenance, unsigned)?;
    let asks_again = trust
        .take_again(&generation.provenance, Unsigned::Refused)
        .is_err();
    narrator.say(&mirrored::of_generation(&generation));
    let holds = session.holds()?;
    let (plan, _) = plan_towards(session, &generation, &holds)?;
    let change = Change {
        kind: Purpose::Boot,
        plan,
        provenance: generation.provenance,
        drain: 0,
        confirm: None,
    };
    session.engine(narrator).apply(change)?;
    if asks_again {
        narrator.say(
            "Nobody vouches for it in the records: the next boot asks again, unless `portolan apply \
             --unsigned` records that somebody does.\n",
        );
    }
    narrator.say(&format!(
        "Brought back generation {} after a boot.\n",
        current.generation
    ));
    Ok(())
}

/// What the node is called where no record says it.
fn own_name() -> Result<NodeName, Failure> {
    let name = host::facts()?.name;
    let mut names = [name.as_str(), "localhost"].into_iter();
    let name = names.find_map(|name| NodeName::parse(name).ok());
    name.ok_or_else(|| {
        UsageError::new("this machine has no name", "give it one, as a node has").into()
    })
}

/// What became of the records, for people.
fn describe_taken(taken: &Taken) -> String {
    let Taken::Recorded {
        ended,
        aside,
        current,
    } = taken
    else {
        return "Nothing to do: the records are sound, and no apply is under way.\n".to_owned();
    };
    let ended = ended
        .as_ref()
        .map(|id| format!("Apply {id} is ended where the node is now.\n"));
    let aside = aside
        .iter()
        .map(|path| format!("Kept aside: {}\n", visible(&path.display().to_string())));
    let current = match current {
        Standing::Kept(number) => format!(
            "Generation {number} is what the node is to hold still: `portolan verify` tells what \
             deviates, and `portolan apply` mends it.\n"
        ),
        Standing::Unknown(number) => format!(
            "What the node holds is generation {number} now. Apply what it is to hold: a boot \
             before that brings nothing back.\n"
        ),
    };
    ended.into_iter().chain(aside).collect::<String>() + &current
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
