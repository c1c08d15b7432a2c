use clap::Args;
use clap_complete::Shell;

use crate::cli::{self, Context, Exit, Failure};

/// Print completions for a shell
///
/// For example: portolan completions bash > /etc/bash_completion.d/portolan
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "portolan", &mut text);
    context.streams.stdout.bytes(&text);
    Ok(Exit::Done)
}
