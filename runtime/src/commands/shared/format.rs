//! For whom commands print: people or machines.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use portolan_compiler::closed_set;

use crate::report::Verbosity;

closed_set! {
    /// For whom something is printed.
    pub(in crate::commands) enum Format {
        /// For people, as text.
        Human = "human",
        /// For machines, as JSON.
        Json = "json",
    }
}

impl Format {
    /// Whether something is said beside what was asked for: machines want that and nothing else.
    pub(in crate::commands) fn tells_people(self, verbosity: Verbosity) -> bool {
        verbosity > Verbosity::Quiet && self == Self::Human
    }
}

/// Reads a format whose values say in help what they mean for the command.
pub(in crate::commands) fn format(
    human: &'static str,
    json: &'static str,
) -> impl TypedValueParser<Value = Format> {
    let value = |format: Format| {
        let help = match format {
            Format::Human => human,
            Format::Json => json,
        };
        PossibleValue::new(format.as_str()).help(help)
    };
    PossibleValuesParser::new(Format::ALL.map(value)).try_map(|word| word.parse::<Format>())
}

/// The choice of a format, of commands that have one thing to tell.
#[derive(Debug, Args)]
pub(in crate::commands) struct FormatArgs {
    /// Print for people or for machines
    #[arg(
        long = "output",
        id = "output",
        value_name = "FORMAT",
        value_parser = format("As text", "As JSON"),
        default_value = "human",
        help_heading = "Output"
    )]
    pub(in crate::commands) format: Format,
}

/// The choice of a format, of commands that tell what happens while it happens.
#[derive(Debug, Args)]
pub(in crate::commands) struct EventArgs {
    /// Print for people or for machines
    #[arg(
        long = "output",
        id = "output",
        value_name = "FORMAT",
        value_parser = format("As text", "As JSON, one event a line"),
        default_value = "human",
        help_heading = "Output"
    )]
    pub(in crate::commands) format: Format,
}
