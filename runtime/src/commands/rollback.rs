use clap::Args;
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::plan::{Plan, Serving};

use super::apply::MannerArgs;
use super::boot::towards;
use super::planning::{LockArgs, print, state_of};
use super::session::{Narrator, Session};
use super::{apply, mirrored};
use crate::cli::{Context, Exit, Explain, Failure};
use crate::transaction::store::{Generation, Kind, Store, StoreError};

/// Apply an earlier generation again
///
/// A change like any other: planned on what the node holds now, all or nothing, and itself a
/// generation, so that it can be rolled back too. `portolan history` lists the generations.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct RollbackArgs {
    /// Which one [default: the one before the current one]
    #[arg(long, value_name = "GENERATION")]
    to: Option<u64>,

    /// Only show what would change
    #[arg(long)]
    plan: bool,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    manner: MannerArgs,
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

pub(super) fn run(args: &RollbackArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let session = Session::open(&args.lock)?;
    let mut narrator = Narrator::new(context, args.manner.output.format);
    apply::settle(&session, &mut narrator)?;
    let generation = choose(&session.store, args.to)?;
    narrator.say(&mirrored::of_generation(&generation));
    let holds = session.holds()?;
    let mut file = towards(&session, &generation, &holds)?;
    file.observed.machine = holds.machine;
    if args.plan {
        let plan = Plan {
            serving: file.files.serving(),
            ..Plan::of(file.steps.clone())
        };
        let text = print::human(&Page {
            node: &file.node,
            plan: &plan,
            services: &Services::new(&state_of(&generation)?, holds.services.as_ref()),
        });
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
    let kind = Kind::Rollback {
        to: generation.number,
    };
    apply::change(session, kind, file, &args.manner, narrator)
}

fn choose(store: &Store, to: Option<u64>) -> Result<Generation, Failure> {
    let number = match to {
        Some(number) => number,
        None => before_current(store)?.ok_or(RollbackError::NoneBefore)?,
    };
    let generation = store.generation(number)?;
    if generation.kind == Kind::Cleanup {
        return Err(RollbackError::Cleanup(number).into());
    }
    Ok(generation)
}

fn before_current(store: &Store) -> Result<Option<u64>, StoreError> {
    let current = store.current()?.map_or(0, |current| current.generation);
    let numbers = store.generations()?;
    Ok(numbers.into_iter().rev().find(|number| *number < current))
}
