//! How commands print that have one thing to tell.

use clap::{Args, ValueEnum};

/// For whom it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum Format {
    /// As text
    Human,
    /// As JSON
    Json,
}

/// The choice of a format.
#[derive(Debug, Args)]
pub(in crate::commands) struct FormatArgs {
    /// Print for people or for machines
    #[arg(
        long = "output",
        id = "output",
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    pub(in crate::commands) format: Format,
}
