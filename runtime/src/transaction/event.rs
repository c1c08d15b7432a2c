//! What a transaction tells of itself while it goes on.

use portolan_compiler::plan::DestinationKey;

use super::store::TransactionId;

/// A stretch of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Everything it will need is written down.
    Journal,
    /// What nobody sees yet comes.
    Prepare,
    /// The new state becomes visible.
    Switch,
    /// The node is read once more and compared with what was wanted.
    Verify,
    /// The old state goes.
    Clean,
    /// The new state is recorded as the current one.
    Commit,
    /// What was done is undone.
    Undo,
}

impl Phase {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Prepare => "prepare",
            Self::Switch => "switch",
            Self::Verify => "verify",
            Self::Clean => "clean",
            Self::Commit => "commit",
            Self::Undo => "undo",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A phase begins, with this many steps.
    Begun {
        /// Which.
        phase: Phase,
        /// Its steps.
        steps: usize,
    },
    /// A phase is over.
    Over {
        /// Which.
        phase: Phase,
    },
    /// A destination drains.
    Draining {
        /// Which.
        destination: DestinationKey,
        /// Its connections.
        connections: u64,
    },
    /// The transaction waits to be confirmed.
    Waiting {
        /// What names it.
        id: TransactionId,
        /// Seconds that are left.
        seconds: u64,
    },
    /// The new state is the node's.
    Committed {
        /// Its generation.
        generation: u64,
    },
    /// The old state is the node's again.
    RolledBack,
}

/// Who is told.
pub trait Watch {
    /// Takes notice.
    fn event(&mut self, event: &Event);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Watch for Silent {
    fn event(&mut self, _: &Event) {}
}
