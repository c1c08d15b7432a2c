//! What every layer tells with: exit codes, errors with a way out, the standard streams, progress.

mod error;
mod exit;
mod progress;
mod streams;
mod verbosity;

pub(crate) use error::UsageError;
pub use error::{Explain, Failure};
pub use exit::Exit;
pub(crate) use progress::{Clock, ProgressLine};
pub use streams::{Device, Look, Output, OutputError, Streams};
pub use verbosity::Verbosity;
