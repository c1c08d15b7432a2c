use clap::Args;
use portolan_compiler::bundle::Target;
use portolan_compiler::diag::some;
use portolan_compiler::plan::Serving;
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::target::target;

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
    /// Which generation [default: the last one before the current one that leads elsewhere]
    #[arg(value_name = "GENERATION")]
    generation: Option<u64>,

    /// The same
    #[arg(long, value_name = "GENERATION", conflicts_with = "generation")]
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
    /// All that are older lead where the node is.
    #[error("every generation before the current one leads where the node is: target {}", .0.short())]
    AllAlike(Target),
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
            Self::NoneBefore | Self::AllAlike(_) => {
                "`portolan cleanup` takes all of ours away".to_owned()
            }
            Self::Cleanup(_) => "`portolan cleanup` leads there".to_owned(),
        })
    }
}

pub(crate) fn run(args: &RollbackArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let session = Session::open(&args.lock)?;
    let mut narrator = Narrator::new(context, args.change.output.format);
    finish_earlier(&session, &mut narrator)?;
    let asked = args.generation.or(args.to);
    let generation = choose(&session.store, asked, &mut narrator)?;
    let (trust, unsigned) = (args.trust.trust()?, args.trust.unsigned());
    trust.take_again(&generation.provenance, unsigned)?;
    narrator.say(&mirrored::of_generation(&generation));
    let holds = session.holds()?;
    let (mut file, plan) = plan_towards(&session, &generation, &holds)?;
    file.observed.machine = holds.machine;
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
    let (question, shown) = (Question::RollBack(generation.number), (&page, &holds));
    args.consent
        .obtain(question, shown, &session, &mut narrator)?;
    let kind = Purpose::Rollback {
        to: generation.number,
    };
    let provenance = generation.provenance.again(unsigned);
    change(session, kind, file, provenance, &args.change, narrator)
}

fn choose(
    store: &Store,
    asked: Option<u64>,
    narrator: &mut Narrator<'_, '_, '_>,
) -> Result<Generation, Failure> {
    let generation = match asked {
        Some(number) => store.generation(number)?,
        None => last_other(store, narrator)?,
    };
    let number = generation.number;
    match generation.kind {
        Purpose::Cleanup => Err(RollbackError::Cleanup(number).into()),
        Purpose::Taken => Err(StoreError::Unknown { number }.into()),
        _ => Ok(generation),
    }
}

/// The last generation before the current one that leads elsewhere. That the same was applied once more is
/// nothing that anybody wants undone.
fn last_other(store: &Store, narrator: &mut Narrator<'_, '_, '_>) -> Result<Generation, Failure> {
    let Some(current) = store.current()? else {
        return Err(RollbackError::NoneBefore.into());
    };
    // Of one that is lost nobody knows where it led.
    let runs = store.generation(current.generation).ok();
    let runs = match runs.filter(|runs| runs.kind != Purpose::Taken) {
        Some(runs) => Some(target(&state_of(&runs)?)),
        None => None,
    };
    let mut alike = Vec::new();
    let before = store.generations()?.into_iter().rev();
    for number in before.filter(|number| *number < current.generation) {
        let generation = match store.generation(number) {
            // One that is lost is no way back, and one without a state leads nowhere.
            Ok(generation) if generation.kind == Purpose::Taken => continue,
            Err(error) if error.is_damage() => continue,
            found => found?,
        };
        if runs != Some(target(&state_of(&generation)?)) {
            narrator.say(&passed_over(&alike));
            return Ok(generation);
        }
        alike.push(number.to_string());
    }
    Err(match runs {
        Some(runs) if !alike.is_empty() => RollbackError::AllAlike(runs).into(),
        _ => RollbackError::NoneBefore.into(),
    })
}

fn passed_over(alike: &[String]) -> String {
    match alike {
        [] => String::new(),
        [one] => format!("Generation {one} is what runs, and is passed over.\n"),
        several => format!(
            "Generations {} are what runs, and are passed over.\n",
            some(several.iter())
        ),
    }
}
