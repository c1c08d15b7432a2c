//! Flags that every command takes.

use clap::{ArgAction, Parser, ValueEnum};

use super::Look;
use crate::commands::Command;

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
pub struct Cli {
    /// When to use colours.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        help = "When to use colours: auto, always or never"
    )]
    pub color: ColorChoice,

    /// Say nothing but results and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more, such as how long each phase took; twice, log every stage and every question to the
    /// node, as `PORTOLAN_LOG=debug` does.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// How much to say.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::Log,
        }
    }
}

/// How much a run says beside its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Diagnostics and a summary.
    Normal,
    /// Also how long each phase took.
    Verbose,
    /// Also a log of stages and of what the node was asked.
    Log,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On terminals, unless the environment says otherwise (`NO_COLOR`, `CLICOLOR_FORCE`).
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// The look asked for; `None` leaves it to each stream.
    pub fn look(self) -> Option<Look> {
        match self {
            Self::Auto => None,
            Self::Always => Some(Look::Coloured),
            Self::Never => Some(Look::Plain),
        }
    }
}
