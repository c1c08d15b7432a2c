//! The verbs, one file each: arguments, whose doc comments are the help text, and a function.

mod apply;
mod boot;
mod cleanup;
mod compile;
mod completions;
mod confirm;
mod diff;
mod doctor;
mod exit_codes;
mod explain;
mod facts;
mod format;
mod graph;
mod history;
mod lint;
mod manifests;
mod matter;
mod mirrored;
mod observe;
mod plan;
mod planning;
mod profile;
mod recover;
mod rollback;
mod save;
mod session;
mod show;
mod status;
mod unused;
mod verify;

use clap::Subcommand;

use crate::cli::{Clock, Context, Exit, Failure, Verbosity};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(name = "compile")]
    Compile(compile::CompileArgs),
    #[command(name = "lint")]
    Lint(lint::LintArgs),
    #[command(name = "diff")]
    Diff(diff::DiffArgs),
    #[command(name = "graph")]
    Graph(graph::GraphArgs),
    #[command(name = "explain")]
    Explain(explain::ExplainArgs),
    #[command(name = "plan")]
    Plan(plan::PlanArgs),
    #[command(name = "apply")]
    Apply(apply::ApplyArgs),
    #[command(name = "confirm")]
    Confirm(confirm::ConfirmArgs),
    #[command(name = "recover")]
    Recover(recover::RecoverArgs),
    #[command(name = "verify")]
    Verify(verify::VerifyArgs),
    #[command(name = "rollback")]
    Rollback(rollback::RollbackArgs),
    #[command(name = "status")]
    Status(status::StatusArgs),
    #[command(name = "history")]
    History(history::HistoryArgs),
    #[command(name = "cleanup")]
    Cleanup(cleanup::CleanupArgs),
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
        Command::Diff(args) => timed(context, |context, clock| diff::run(&args, context, clock)),
        Command::Graph(args) => timed(context, |context, clock| graph::run(&args, context, clock)),
        Command::Explain(args) => timed(context, |context, clock| {
            explain::run(&args, context, clock)
        }),
        Command::Plan(args) => timed(context, |context, clock| plan::run(&args, context, clock)),
        Command::Apply(args) => timed(context, |context, clock| apply::run(&args, context, clock)),
        Command::Confirm(args) => confirm::run(&args, context),
        Command::Recover(args) => recover::run(&args, context),
        Command::Verify(args) => verify::run(&args, context),
        Command::Rollback(args) => rollback::run(&args, context),
        Command::Status(args) => status::run(&args, context),
        Command::History(args) => history::run(&args, context),
        Command::Cleanup(args) => cleanup::run(&args, context),
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
    if context.verbosity >= Verbosity::Verbose {
        context.streams.stderr.say(&clock.report());
    }
    exit
}
