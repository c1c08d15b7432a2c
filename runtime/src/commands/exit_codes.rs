use clap::Args;

use crate::cli::{Context, Exit};

/// Print the exit codes and what they mean
#[derive(Debug, Args)]
#[command(after_help = format!("Exit codes:\n{}", Exit::table()))]
pub struct ExitCodesArgs {}

pub(super) fn run(_: &ExitCodesArgs, context: &mut Context<'_, '_>) -> Exit {
    context.streams.stdout.bytes(Exit::table().as_bytes());
    Exit::Done
}
