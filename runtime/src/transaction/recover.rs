//! Brings a node back to where its records say it should be, wherever a transaction was cut off.

use portolan_compiler::plan::{End, Phase, Step, Uptime, retrace};

use super::engine::{Engine, NotUndone, Outcome};
use super::error::{Cause, TransactionError};
use super::store::{Journal, Marker, TransactionId};
use crate::host::read_once;

/// What recovery found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// Nothing was under way.
    Nothing,
    /// The kernel has been started anew since: it holds nothing of either state.
    Forgotten(TransactionId),
    /// The node is as it was before.
    Undone(TransactionId),
    /// Nobody confirmed it in time, and the node is as it was before.
    Expired(TransactionId),
    /// The node is as was wanted.
    Finished {
        /// What named it.
        id: TransactionId,
        /// Number of the generation that is current now.
        generation: u64,
    },
    /// It waits for its confirmation still.
    Waiting {
        /// What names it.
        id: TransactionId,
        /// When it is undone, unless it is confirmed before.
        deadline: Uptime,
    },
}

impl Engine<'_> {
    /// Ends what was under way: towards where its marker says, or where somebody decided.
    ///
    /// # Errors
    /// With what became of the node.
    pub fn recover(&mut self, decided: Option<End>) -> Result<Recovered, TransactionError> {
        self.at_boundaries(|engine| engine.ended(decided))
    }

    fn ended(&mut self, decided: Option<End>) -> Result<Recovered, TransactionError> {
        let Some((id, boot)) = self.store.under_way()? else {
            return Ok(Recovered::Nothing);
        };
        if boot != self.node.boot()? {
            self.store.end()?;
            return Ok(Recovered::Forgotten(id));
        }
        let journal = match decided {
            Some(End::Old) => self.store.journal_to_undo()?,
            _ => self.store.journal()?,
        };
        let Some(journal) = journal else {
            return Ok(Recovered::Nothing);
        };
        let now = self.node.uptime()?;
        let waits = match (journal.marker, journal.deadline) {
            (Marker::Switched, Some(deadline)) => Some(deadline),
            _ => None,
        };
        match (decided, waits, journal.marker) {
            (Some(End::New), _, Marker::Prepared) | (None, None, Marker::Prepared) => {
                self.undone(&journal)
            }
            (Some(End::Old), _, _) => self.undone(&journal),
            (None, Some(deadline), _) if deadline > now => Ok(Recovered::Waiting {
                id: journal.id,
                deadline,
            }),
            (None, Some(_), _) => {
                self.undone(&journal)?;
                Ok(Recovered::Expired(journal.id))
            }
            _ => self.finished(&journal),
        }
    }

    /// Keeps a change that waits for its confirmation.
    ///
    /// # Errors
    /// Where none waits, or its time is over, or it fails now.
    pub fn confirm(&mut self, id: Option<&TransactionId>) -> Result<Outcome, TransactionError> {
        self.at_boundaries(|engine| engine.confirmed(id))
    }

    fn confirmed(&mut self, id: Option<&TransactionId>) -> Result<Outcome, TransactionError> {
        let journal = self.store.journal()?;
        let Some(journal) = journal.filter(|journal| journal.marker == Marker::Switched) else {
            return Err(TransactionError::NothingToConfirm);
        };
        if let Some(asked) = id.filter(|asked| **asked != journal.id) {
            return Err(TransactionError::OtherTransaction {
                found: journal.id,
                asked: asked.clone(),
            });
        }
        if journal.boot != self.node.boot()? {
            return Err(TransactionError::NothingToConfirm);
        }
        let now = self.node.uptime()?;
        if journal.deadline.is_some_and(|deadline| deadline <= now) {
            self.undone(&journal)?;
            return Err(TransactionError::Expired(journal.id));
        }
        self.finish(&journal, &journal.plan.steps)
    }

    fn undone(&mut self, journal: &Journal) -> Result<Recovered, TransactionError> {
        match self.undo(journal) {
            Ok(()) => Ok(Recovered::Undone(journal.id.clone())),
            Err(NotUndone::Astray(residue)) => Err(TransactionError::Dirty {
                cause: Cause::Unverified(residue.clone()),
                residue,
            }),
            Err(NotUndone::Unmarked(error)) => Err(error.into()),
        }
    }

    fn finished(&mut self, journal: &Journal) -> Result<Recovered, TransactionError> {
        let now = read_once(self.node.as_driver())?;
        let rest = retrace(&journal.plan.steps, &now, End::New);
        let (missing, rest): (Vec<Step>, Vec<Step>) = rest
            .into_iter()
            .partition(|step| step.phase != Phase::Clean);
        if let Err(error) = self.node.carry_out(&missing) {
            return Err(self.back(journal, Cause::Host(error)));
        }
        match self.finish(journal, &rest)? {
            Outcome::Committed { generation, .. } => Ok(Recovered::Finished {
                id: journal.id.clone(),
                generation,
            }),
            Outcome::Waiting { id, deadline } => Ok(Recovered::Waiting { id, deadline }),
        }
    }
}
