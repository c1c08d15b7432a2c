//! Bundles: the rules of nodes in one file.

mod create;
mod extract;
mod show;

use clap::{Args, Subcommand};

use crate::commands::shared::Context;
use crate::report::{Exit, Failure};

/// Put compiled rules into one file, to carry, to sign and to apply
///
/// `portolan apply`, `plan`, `diff` and `explain` take a bundle where they take a compiled folder. It
/// says of which cluster it is and which edition, so that a signed one is good for nothing else and
/// never replaces a newer one.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct BundleArgs {
    #[command(subcommand)]
    command: BundleCommand,
}

#[derive(Debug, Subcommand)]
enum BundleCommand {
    #[command(name = "create")]
    Create(create::CreateArgs),
    #[command(name = "show")]
    Show(show::BundleShowArgs),
    #[command(name = "extract")]
    Extract(extract::ExtractArgs),
}

pub(crate) fn run(args: &BundleArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.command {
        BundleCommand::Create(args) => create::run(args, context),
        BundleCommand::Show(args) => show::run(args, context),
        BundleCommand::Extract(args) => extract::run(args, context),
    }
}
