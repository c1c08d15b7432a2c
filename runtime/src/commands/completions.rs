use clap::{Args, Command};
use clap_complete::Shell;

use crate::commands::shared::Context;
use crate::report::Exit;

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  portolan completions bash > /etc/bash_completion.d/portolan
  portolan completions fish > ~/.config/fish/completions/portolan.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// `tree` is the whole command line, of which this verb is a part.
pub(crate) fn run(
    args: &CompletionsArgs,
    tree: &mut Command,
    context: &mut Context<'_, '_>,
) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, tree, "portolan", &mut text);
    context.streams.stdout.bytes(&text);
    Exit::Done
}
