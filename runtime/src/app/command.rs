//! The command tree: the flags that every verb takes, and the verbs.

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

use crate::commands::shared::Context;
use crate::commands::{
    apply, base, bundle, cleanup, compile, completions, config, confirm, diff, doctor, exit_codes,
    explain, facts, graph, history, lint, observe, plan, recover, review, rollback, show, sign,
    status, systemd, verify, verify_signature, what_if,
};
use crate::report::{Clock, Exit, Failure, Look, Verbosity};

/// Compiles Kubernetes Services into the packet rules of a node, offline.
///
/// portolan reads manifests, or a dump of a cluster, and says what kube-proxy would leave in the
/// kernel of one node: as files to read, to review and to keep in version control. It needs no
/// cluster, no network and no root.
#[derive(Debug, Parser)]
#[command(
    name = "portolan",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// When to use colours.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        help = "When to use colours: auto, always or never"
    )]
    pub(crate) color: ColorChoice,

    /// Print only results and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print more, such as how long each phase took and each finding that is like another; given
    /// twice, log every stage and every query of the node, as `PORTOLAN_LOG=debug` does.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// How much to say.
    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::Log,
        }
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On terminals, unless the environment says otherwise (`NO_COLOR`, `CLICOLOR_FORCE`).
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// The look asked for; `None` leaves it to each stream.
    pub(crate) fn look(self) -> Option<Look> {
        match self {
            Self::Auto => None,
            Self::Always => Some(Look::Coloured),
            Self::Never => Some(Look::Plain),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(name = "compile")]
    Compile(compile::CompileArgs),
    #[command(name = "lint")]
    Lint(lint::LintArgs),
    #[command(name = "diff")]
    Diff(diff::DiffArgs),
    #[command(name = "graph")]
    Graph(graph::GraphArgs),
    #[command(name = "what-if")]
    WhatIf(what_if::WhatIfArgs),
    #[command(name = "review")]
    Review(review::ReviewArgs),
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
    #[command(name = "bundle")]
    Bundle(bundle::BundleArgs),
    #[command(name = "sign")]
    Sign(sign::SignArgs),
    #[command(name = "verify-signature")]
    VerifySignature(verify_signature::VerifySignatureArgs),
    #[command(name = "systemd")]
    Systemd(systemd::SystemdArgs),
    #[command(name = "base")]
    Base(base::BaseArgs),
    #[command(name = "config")]
    Config(config::ConfigArgs),
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
        Command::WhatIf(args) => timed(context, |context, clock| {
            what_if::run(&args, context, clock)
        }),
        Command::Review(args) => {
            timed(context, |context, clock| review::run(&args, context, clock))
        }
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
        Command::Bundle(args) => bundle::run(&args, context),
        Command::Sign(args) => sign::run(&args, context),
        Command::VerifySignature(args) => verify_signature::run(&args, context),
        Command::Systemd(args) => systemd::run(&args, context),
        Command::Base(args) => timed(context, |context, clock| base::run(&args, context, clock)),
        Command::Config(args) => config::run(&args, context),
        Command::Facts(args) => facts::run(&args, context),
        Command::Observe(args) => observe::run(&args, context),
        Command::Doctor(args) => doctor::run(&args, context),
        Command::Completions(args) => Ok(completions::run(&args, &mut super::command(), context)),
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
