use clap::Args;

use crate::commands::shared::Context;
use crate::report::Exit;

/// Print the exit codes and what they mean
#[derive(Debug, Args)]
#[command(after_help = format!("Exit codes:\n{}", Exit::table()))]
pub(crate) struct ExitCodesArgs {}

pub(crate) fn run(_: &ExitCodesArgs, context: &mut Context<'_, '_>) -> Exit {
    context.streams.stdout.bytes(Exit::table().as_bytes());
    Exit::Done
}
