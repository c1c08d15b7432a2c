//! What a command works with.

use super::{Given, Typed};
use crate::report::{Streams, Verbosity};
use crate::settings::Settings;

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
}
