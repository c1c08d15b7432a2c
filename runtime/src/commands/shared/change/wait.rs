//! Waits for what comes after a change: its confirmation, or the end of what drains.

use std::thread;
use std::time::Duration;

use crate::commands::shared::session::{Narrator, Session};
use crate::host;
use crate::report::{Exit, Failure};
use crate::transaction::store::TransactionId;
use crate::transaction::{Interrupts as _, TransactionError};

/// How often the records are looked at.
const INTERVAL: Duration = Duration::from_millis(200);

/// How often draining destinations are looked at.
const DRAIN_INTERVAL: Duration = Duration::from_millis(500);

/// Waits until somebody has confirmed the change, or until it is undone. Others work on the node
/// meanwhile, or nobody could.
pub(super) fn for_confirmation(
    session: Session,
    id: &TransactionId,
    mut narrator: Narrator<'_, '_, '_>,
) -> Result<Exit, Failure> {
    let (store, signals, node) = session.into_store();
    host::drop_capabilities();
    loop {
        let journal = store.journal()?.filter(|journal| journal.id == *id);
        let Some(journal) = journal else {
            break;
        };
        if signals.pending().is_some() {
            let now = node.0.uptime()?;
            let deadline = journal.deadline.map_or(0, |deadline| deadline.0);
            return Err(TransactionError::Waiting {
                id: id.clone(),
                seconds: deadline.saturating_sub(now.0),
            }
            .into());
        }
        thread::sleep(INTERVAL);
    }
    let generation = id.generation();
    let current = store.current()?.map(|current| current.generation);
    if current.is_some() && current == generation {
        narrator.event_value(serde_json::json!({"event": "committed", "generation": current}));
        narrator.say(&format!("Confirmed: {id} is kept.\n"));
        Ok(Exit::Done)
    } else {
        narrator.event_value(serde_json::json!({"event": "rolled-back"}));
        Err(TransactionError::Expired(id.clone()).into())
    }
}

/// Waits until nothing drains any more; each round takes away what has drained.
pub(super) fn for_drained(
    session: &Session,
    narrator: &mut Narrator<'_, '_, '_>,
) -> Result<(), Failure> {
    loop {
        let drained = session.engine(narrator).drain()?;
        if drained.left.is_empty() || session.interrupted() {
            return Ok(());
        }
        thread::sleep(DRAIN_INTERVAL);
    }
}
