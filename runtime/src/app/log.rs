//! A log of stages and of what the node was asked, for whoever looks for what takes long: with `-vv`,
//! or as `PORTOLAN_LOG` says. Nobody listens otherwise, and spans cost nothing then.

use std::env;
use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::report::{Failure, UsageError, Verbosity};

/// What is logged, as `tracing-subscriber` reads it: `debug`, or `portolan_compiler::front=trace`.
const VARIABLE: &str = "PORTOLAN_LOG";

/// Begins to log to standard error, if that is asked for.
///
/// # Errors
/// Where the variable says what no filter is.
pub(super) fn start(verbosity: Verbosity) -> Result<(), Failure> {
    let asked = env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    let filter = match (asked, verbosity) {
        (Some(text), _) => EnvFilter::try_new(&text).map_err(|error| {
            let message = format!("{VARIABLE} holds no filter of a log: {error}");
            UsageError::new(message, "say debug, or portolan_runtime::host=debug")
        })?,
        (None, Verbosity::Log) => EnvFilter::new("debug"),
        (None, _) => return Ok(()),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(io::stderr)
        .with_ansi(false)
        .finish();
    // Another run of this process may log already.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}
