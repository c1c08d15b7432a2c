//! The verbs, one file each: arguments, whose doc comments are the help text, and a function.

mod compile;
mod completions;
mod doctor;
mod exit_codes;
mod facts;
mod lint;
mod manifests;
mod observe;
mod plan;
mod show;

use clap::Subcommand;

use crate::cli::{Clock, Context, Exit, Failure, Verbosity};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(name = "compile")]
    Compile(compile::CompileArgs),
    #[command(name = "lint")]
    Lint(lint::LintArgs),
    #[command(name = "plan")]
    Plan(plan::PlanArgs),
    #[command(name = "show")]
    Show(show::ShowArgs),
    #[command(name = "facts")]
    Facts(facts::FactsArgs),
    #[command(name = "observe")]
    Observe(observe::ObserveArgs),
    #[command(name = "doctor")]
    Doctor(doctor::DoctorArgs),
    #[command(name = "completions")]
    Completions(completions::CompletionsArgs),
    #[command(name = "exit-codes")]
    ExitCodes(exit_codes::ExitCodesArgs),
}

pub(crate) fn run(command: Command, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match command {
        Command::Compile(args) => timed(context, |context, clock| {
            compile::run(&args, context, clock)
        }),
        Command::Lint(args) => timed(context, |context, clock| lint::run(&args, context, clock)),
        Command::Plan(args) => timed(context, |context, clock| plan::run(&args, context, clock)),
        Command::Show(args) => show::run(&args, context),
        Command::Facts(args) => facts::run(&args, context),
        Command::Observe(args) => observe::run(&args, context),
        Command::Doctor(args) => doctor::run(&args, context),
        Command::Completions(args) => Ok(completions::run(&args, context)),
        Command::ExitCodes(args) => Ok(exit_codes::run(&args, context)),
    }
}

/// Runs a verb that has phases, and says with `-v` how long each took.
fn timed<'s, 't>(
    context: &mut Context<'s, 't>,
    verb: impl FnOnce(&mut Context<'s, 't>, &Clock) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let clock = Clock::new();
    let exit = verb(context, &clock);
    if context.verbosity == Verbosity::Verbose {
        context.streams.stderr.say(&clock.report());
    }
    exit
}
