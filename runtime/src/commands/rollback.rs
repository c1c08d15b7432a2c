use clap::Args;
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::plan::{Plan, Serving};

use super::shared::ask::{ConsentArgs, Question};
use super::shared::change::{ChangeArgs, change, finish_earlier};
use super::shared::generation::plan_towards;
use super::shared::mirrored;
use super::shared::planning::{LockArgs, print, state_of};
use super::shared::session::{Narrator, Session};
use super::shared::trusting::TrustArgs;
use crate::commands::shared::Context;
use crate::report::{Exit, Explain, Failure};
use crate::transaction::store::{Generation, Purpose, Store, StoreError};

/// Apply an earlier generation again
///
/// A change like any other: planned on what the node holds now, all or nothing, and itself a
/// generation, so that it can be rolled back too. `portolan history` lists the generations. On a
/// terminal it is shown and asked about; elsewhere it needs --yes.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct RollbackArgs {
    /// Which generation [default: the one before the current one]
    #[arg(long, value_name = "GENERATION")]
    to: Option<u64>,

    /// Only show what would change
    #[arg(long)]
    plan: bool,

    #[command(flatten)]
    trust: TrustArgs,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    change: ChangeArgs,

    #[command(flatten)]
    consent: ConsentArgs,
}

/// Why there is nothing to roll back to.
#[derive(Debug, thiserror::Error)]
enum RollbackError {
    /// No generation is older.
    #[error("there is no generation before the current one")]
    NoneBefore,
    /// It is the end of all.
    #[error("generation {0} is a cleanup: the node held nothing")]
    Cleanup(u64),
}

impl Explain for RollbackError {
    fn exit(&self) -> Exit {
        Exit::NoInput
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoneBefore => "`portolan cleanup` takes all of ours away".to_owned(),
            Self::Cleanup(_) => "`portolan cleanup` leads there".to_owned(),
        })
    }
}

pub(crate) fn run(args: &RollbackArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let session = Session::open(&args.lock)?;
    let mut narrator = Narrator::new(context, args.change.output.format);
    finish_earlier(&session, &mut narrator)?;
    let generation = choose(&session.store, args.to)?;
    let (trust, unsigned) = (args.trust.trust()?, args.trust.unsigned());
    trust.take_again(&generation.provenance, unsigned)?;
    narrator.say(&mirrored::of_generation(&generation));
    let holds = session.holds()?;
    let mut file = plan_towards(&session, &generation, &holds)?;
    file.observed.machine = holds.machine;
    let plan = Plan {
        serving: file.files.serving(),
        ..Plan::of(file.steps.clone())
    };
    let page = Page {
        node: &file.node,
        target: file.target,
        plan: &plan,
        services: &Services::new(&state_of(&generation)?, holds.services.as_ref()),
        notes: &[],
    };
    if args.plan {
        let text = print::human(&page);
        narrator.context.streams.stdout.styled(&text);
        return Ok(Exit::Done);
    }
    if file.files.serving() == Serving::Unknown {
        narrator.say(&format!(
            "An older portolan made generation {} and did not say which endpoints serve: UDP flows \
             to any that is chosen no more are forgotten.\n",
            generation.number
        ));
    }
    let (question, asked) = (Question::RollBack(generation.number), (&page, &holds));
    args.consent
        .obtain(question, asked, &session, &mut narrator)?;
    let kind = Purpose::Rollback {
        to: generation.number,
    };
    let provenance = generation.provenance.again(&trust, unsigned);
    change(session, kind, file, provenance, &args.change, narrator)
}

fn choose(store: &Store, to: Option<u64>) -> Result<Generation, Failure> {
    let number = match to {
        Some(number) => number,
        None => before_current(store)?.ok_or(RollbackError::NoneBefore)?,
    };
    let generation = store.generation(number)?;
    match generation.kind {
        Purpose::Cleanup => Err(RollbackError::Cleanup(number).into()),
        Purpose::Taken => Err(StoreError::Unknown { number }.into()),
        _ => Ok(generation),
    }
}

fn before_current(store: &Store) -> Result<Option<u64>, StoreError> {
    let current = store.current()?.map_or(0, |current| current.generation);
    let numbers = store.generations()?;
    let before = numbers.into_iter().rev().filter(|number| *number < current);
    for number in before {
        // One that is lost is no way back, and one without a state leads nowhere.
        match store.generation(number) {
            Ok(generation) if generation.kind == Purpose::Taken => {}
            Err(error) if error.is_damage() => {}
            found => return found.map(|generation| Some(generation.number)),
        }
    }
    Ok(None)
}
