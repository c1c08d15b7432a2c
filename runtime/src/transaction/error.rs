//! Transactions that did not end as they should.

use std::fmt;

use portolan_compiler::plan::Subject;

use super::store::{StoreError, TAKE, TransactionId};
use crate::host::{HostError, Signal};
use crate::report::{Exit, Explain};

/// Why a transaction is not what it should be, and what became of the node.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// The records cannot be used; nothing was touched.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The node cannot be asked; nothing was touched.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Somebody wanted it to end before it began.
    #[error("ended by {0} before anything was touched")]
    Interrupted(Signal),
    /// One that waits for its confirmation.
    #[error("transaction {id} waits for its confirmation, {seconds} s more")]
    Waiting {
        /// What names it.
        id: TransactionId,
        /// Seconds that are left.
        seconds: u64,
    },
    /// It failed, and the node is as it was before.
    #[error("the apply failed and was rolled back: the node is as it was before")]
    RolledBack {
        /// What the apply failed with.
        #[source]
        cause: Cause,
    },
    /// It failed, and so did the way back.
    #[error("the apply failed, and the node could not be brought back")]
    Dirty {
        /// What the apply failed with, before the way back.
        #[source]
        cause: Cause,
        /// What is neither as before nor as wanted.
        residue: Residue,
    },
    /// It failed, and is not undone, as the records lead on and cannot be changed.
    #[error("the apply failed, and cannot be undone as its journal cannot be written: {record}")]
    Ahead {
        /// What the apply failed with.
        #[source]
        cause: Cause,
        /// The record that would have to say that it goes back.
        record: Box<StoreError>,
    },
    /// The new state is in place, but is not recorded as such.
    #[error("the node is as wanted, but that cannot be recorded")]
    Unrecorded(#[source] StoreError),
    /// Nobody confirmed it in time.
    #[error("transaction {0} was not confirmed in time and was rolled back")]
    Expired(TransactionId),
    /// There is nothing to confirm.
    #[error("no transaction waits for a confirmation")]
    NothingToConfirm,
    /// Another transaction than the one that was named.
    #[error("transaction {found} waits for its confirmation, not {asked}")]
    OtherTransaction {
        /// The one that waits.
        found: TransactionId,
        /// The one that was named.
        asked: TransactionId,
    },
    /// The confirmation cannot be waited for.
    #[error("cannot arrange that the change is undone unless it is confirmed")]
    NoTimer(#[source] std::io::Error),
}

/// What made a transaction fail.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The kernel or a program refuses.
    #[error(transparent)]
    Host(HostError),
    /// A record cannot be written.
    #[error(transparent)]
    Store(StoreError),
    /// Somebody wanted it to end.
    #[error("ended by {0}")]
    Interrupted(Signal),
    /// The node is not as it was told to be: somebody else changes it, too.
    #[error("the node is not as it was told to be: {0}")]
    Unverified(Residue),
}

/// Objects that are not as they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residue(pub Vec<Subject>);

impl fmt::Display for Residue {
    /// The first few of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        let names: Vec<String> = self.0.iter().take(SHOWN).map(Subject::name).collect();
        f.write_str(&names.join(", "))?;
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl Explain for TransactionError {
    fn exit(&self) -> Exit {
        match self {
            Self::Store(error) => error.exit(),
            Self::Host(error) => error.exit(),
            Self::Interrupted(signal) => signal.exit(),
            Self::Waiting { .. } | Self::Unrecorded(_) | Self::Ahead { .. } => Exit::Unfinished,
            Self::RolledBack { .. } => Exit::RolledBack,
            Self::Dirty { .. } => Exit::Dirty,
            Self::Expired(_) => Exit::Unconfirmed,
            Self::NothingToConfirm | Self::OtherTransaction { .. } => Exit::NoInput,
            Self::NoTimer(_) => Exit::Unavailable,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.help(),
            Self::Host(error) => error.help(),
            Self::Waiting { .. } => Some(
                "`portolan confirm` keeps it; `portolan recover --to old` takes it back at once"
                    .to_owned(),
            ),
            Self::RolledBack {
                cause: Cause::Unverified(_),
            } => Some("find out who else programs this node: `portolan doctor`".to_owned()),
            Self::RolledBack { .. } | Self::Interrupted(_) => None,
            Self::Dirty { residue, .. } => Some(match &residue.0[..] {
                [] => format!("`portolan recover` tries again; {TAKE}"),
                _ => format!(
                    "`portolan recover` tries again; these are neither as before nor as wanted: \
                     {residue}; {TAKE}"
                ),
            }),
            Self::Ahead { .. } => Some(
                "the new state serves, and some of the old may be there still; once the disk takes \
                 it, `portolan recover` goes on, and `--to old` goes back"
                    .to_owned(),
            ),
            Self::Unrecorded(_) => {
                Some("once the disk takes it, `portolan recover` records it".to_owned())
            }
            Self::Expired(_) => None,
            Self::NothingToConfirm => Some("`portolan status` says what runs".to_owned()),
            Self::OtherTransaction { .. } => Some("name that one, or none".to_owned()),
            Self::NoTimer(_) => Some("apply without --confirm-timeout".to_owned()),
        }
    }
}
