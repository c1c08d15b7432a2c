//! Flags that say where a node's records are.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::transaction::Interrupts;
use crate::transaction::store::{DEFAULT_FOLDER, Lock, RealDisk, Store, StoreError};

/// Where the records are.
#[derive(Debug, Args)]
pub(in crate::commands) struct StateArgs {
    /// Keep the records of what was applied in this folder
    #[arg(
        long,
        value_name = "DIR",
        default_value = DEFAULT_FOLDER,
        help_heading = "Node"
    )]
    pub(in crate::commands) state_dir: PathBuf,
}

/// Where the records are, and how long to wait for whoever works on them.
#[derive(Debug, Args)]
pub(in crate::commands) struct LockArgs {
    #[command(flatten)]
    pub(in crate::commands) state: StateArgs,

    /// Wait this long for another portolan that works on the node
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "10",
        value_parser = seconds,
        help_heading = "Node"
    )]
    pub(in crate::commands) lock_timeout: u64,
}

impl StateArgs {
    /// The records, to be read only; `None` where there are none.
    pub(in crate::commands) fn existing(&self) -> Result<Option<Store>, StoreError> {
        Store::existing(&self.state_dir)
    }
}

impl LockArgs {
    /// The records, to be written.
    pub(in crate::commands) fn open(&self) -> Result<Store, StoreError> {
        Store::open(&self.state.state_dir, Box::new(RealDisk))
    }

    /// Takes the lock of the records, and waits for it as long as `--lock-timeout` says.
    pub(in crate::commands) fn lock(
        &self,
        store: &Store,
        interrupts: &dyn Interrupts,
    ) -> Result<Lock, StoreError> {
        store.lock(Duration::from_secs(self.lock_timeout), interrupts)
    }
}

/// Reads a length of time: `90`, `90s`, `5m`, `1h` or `1m30s`, in seconds.
pub(in crate::commands) fn seconds(text: &str) -> Result<u64, String> {
    length(text)
        // A year is longer than any of these is meant.
        .filter(|seconds| *seconds <= 365 * 24 * 3600)
        .ok_or_else(|| "expected a length of time such as 90s, 5m, 1m30s or 1h".to_owned())
}

/// Numbers with units, from the longest down, each once; a number alone is of seconds.
fn length(text: &str) -> Option<u64> {
    const UNITS: [(char, u64); 3] = [('h', 3600), ('m', 60), ('s', 1)];
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    let (mut rest, mut total) = (text, Some(0_u64));
    for (unit, seconds) in UNITS {
        let Some((part, after)) = rest.split_once(unit) else {
            continue;
        };
        let part = number(part)?.checked_mul(seconds)?;
        total = total?.checked_add(part);
        rest = after;
    }
    total.filter(|_| rest.is_empty() && !text.is_empty())
}

fn number(text: &str) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn lengths_of_time_have_units() {
        for (text, expected) in [
            ("0", Some(0)),
            ("90", Some(90)),
            ("90s", Some(90)),
            ("5m", Some(300)),
            ("1h", Some(3600)),
            ("1m30s", Some(90)),
            ("1h5s", Some(3605)),
            ("1h2m3s", Some(3723)),
            ("30s1m", None),
            ("1m1m", None),
            ("1m30", None),
            ("1mm", None),
            ("", None),
            ("s", None),
            ("-1", None),
            ("+1", None),
            ("1.5m", None),
            ("5d", None),
            ("99999999999999999999", None),
            ("9000h", None),
        ] {
            assert_eq!(seconds(text).ok(), expected, "{text}");
        }
    }
}
