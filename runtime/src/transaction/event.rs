//! What a transaction tells of itself while it goes on.

use portolan_compiler::bundle::Target;
use portolan_compiler::closed_set;
use portolan_compiler::plan::DestinationKey;

use super::store::TransactionId;

closed_set! {
    /// A stretch of a transaction.
    pub enum Phase {
        /// Everything it will need is written down.
        Journal = "journal",
        /// What nobody sees yet comes.
        Prepare = "prepare",
        /// The new state becomes visible.
        Switch = "switch",
        /// The node is read once more and compared with what was wanted.
        Verify = "verify",
        /// The old state goes.
        Clean = "clean",
        /// The new state is recorded as the current one.
        Commit = "commit",
        /// What was done is undone.
        Undo = "undo",
    }
}

/// Something that happens in a transaction, told while it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A phase begins, with this many steps.
    Begun {
        /// The phase that begins.
        phase: Phase,
        /// How many steps it has.
        steps: usize,
    },
    /// A phase is over.
    Over {
        /// The phase that is over.
        phase: Phase,
    },
    /// A destination drains.
    Draining {
        /// The virtual server it belongs to, and its own address and port.
        destination: DestinationKey,
        /// How many connections it carries still.
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
        /// Number of the generation that is current now.
        generation: u64,
        /// What the node is asked to hold.
        target: Target,
    },
    /// The old state is the node's again.
    RolledBack,
}

/// Who is told of events as they come.
pub trait Watch {
    /// Is called with each thing that happened, in order.
    fn event(&mut self, event: &Event);
}

/// Tells nobody: for transactions that nothing watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Watch for Silent {
    fn event(&mut self, _: &Event) {}
}
