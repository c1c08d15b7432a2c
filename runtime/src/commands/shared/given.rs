//! Which options a command line gives, told apart from their defaults.

use std::collections::BTreeSet;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command};

/// The options and arguments that a command line gives, by their identifiers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Given(BTreeSet<String>);

impl Given {
    /// Those of the command at the end of the line.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        if let Some((_, matches)) = matches.subcommand() {
            return Self::of(matches);
        }
        let given = matches
            .ids()
            .map(clap::Id::as_str)
            .filter(|id| matches.try_contains_id(id).is_ok())
            .filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
        Self(given.map(str::to_owned).collect())
    }

    /// Whether an option or argument is given, by its identifier.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.contains(id)
    }

    /// The first option of a group that is given, as it is written, such as `--mode`; those with these
    /// identifiers apart.
    pub(crate) fn first_of<A: Args>(&self, apart: &[&str]) -> Option<String> {
        let group = A::augment_args(Command::new("group"));
        let mut options = group.get_arguments().filter(|arg| {
            let id = arg.get_id().as_str();
            self.0.contains(id) && !apart.contains(&id)
        });
        let long = options.next()?.get_long()?;
        Some(format!("--{long}"))
    }
}
