//! What a command works with.

use std::fmt;

use clap::ArgMatches;

use super::{Given, Typed};
use crate::report::{Failure, Streams, Verbosity};
use crate::settings::Settings;

/// Completes a command line with settings, and gives the arguments of its verb.
#[derive(Clone, Copy)]
pub(crate) struct Completion<'run>(
    pub(crate) &'run dyn Fn(&Settings) -> Result<ArgMatches, Failure>,
);

impl fmt::Debug for Completion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Completion")
    }
}

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Context<'run, 'streams> {
    /// Where it reads from and writes to.
    pub(crate) streams: &'run mut Streams<'streams>,
    /// How much it says.
    pub(crate) verbosity: Verbosity,
    /// Which of its options were given.
    pub(crate) given: Given,
    /// Its command line.
    pub(crate) typed: Typed,
    /// What its repository and its environment say.
    pub(crate) settings: Settings,
    /// Completes its command line with other settings.
    pub(crate) completion: Completion<'run>,
}
