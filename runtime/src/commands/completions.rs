use clap::Args;
use clap_complete::Shell;

use crate::cli::{self, Context, Exit};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  portolan completions bash > /etc/bash_completion.d/portolan
  portolan completions fish > ~/.config/fish/completions/portolan.fish")]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, context: &mut Context<'_, '_>) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "portolan", &mut text);
    context.streams.stdout.bytes(&text);
    Exit::Done
}
