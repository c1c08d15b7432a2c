//! The journal of the transaction that is under way.

use std::fmt;
use std::str::FromStr;

use portolan_compiler::bundle::Digest;
use portolan_compiler::closed_set;
use portolan_compiler::plan::Uptime;
use portolan_compiler::plan::file::PlanFile;
use serde::{Deserialize, Serialize};

use super::generation::Purpose;
use super::seal::Record;

closed_set! {
    /// How far a transaction came, as far as recovery has to know.
    pub enum Marker {
        /// Steps may have been taken. Recovery goes back.
        Prepared = "prepared",
        /// The new state is in place and was checked. Recovery goes on, unless a confirmation is due.
        Switched = "switched",
        /// The old state is being taken away. Recovery goes on.
        Cleaning = "cleaning",
    }
}

/// What names a transaction: the generation it makes, and something of its plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TransactionId(String);

impl TransactionId {
    /// The id of the transaction that makes a generation of a plan at a moment.
    pub fn new(generation: u64, plan: &str, now: Uptime) -> Self {
        let digest = Digest::of(format!("{}{plan}", now.0).as_bytes());
        let digits: String = digest
            .to_string()
            .chars()
            .skip("sha256:".len())
            .take(6)
            .collect();
        Self(format!("{generation}-{digits}"))
    }

    /// The generation that it makes.
    pub fn generation(&self) -> Option<u64> {
        self.0.split('-').next()?.parse().ok()
    }
}

/// A text that is not the id of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a transaction")]
pub struct NotAnId;

impl FromStr for TransactionId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let plain = |c: char| c.is_ascii_hexdigit() || c == '-';
        let is_id = !text.is_empty() && text.len() <= 40 && text.chars().all(plain);
        is_id.then(|| Self(text.to_owned())).ok_or(NotAnId)
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A transaction under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// What names it.
    pub id: TransactionId,
    /// The boot it belongs to: after another, the kernel holds nothing of it.
    pub boot: String,
    /// What it is for.
    pub kind: Purpose,
    /// The generation it makes, or brings back.
    pub generation: u64,
    /// Seconds that destinations may drain; none means that they go at once.
    pub drain: u64,
    /// The moment until which it has to be confirmed, if it has to.
    pub deadline: Option<Uptime>,
    /// How far it came.
    pub marker: Marker,
    /// What is done, step by step, and what it makes of the node.
    pub plan: PlanFile,
}

/// The same, as far as it is in `transaction.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) id: TransactionId,
    pub(super) boot: String,
    pub(super) kind: Purpose,
    pub(super) generation: u64,
    pub(super) drain: u64,
    pub(super) deadline: Option<u64>,
    /// Digest of the bytes of `plan.json`; `None` of what was written before there was one.
    #[serde(default)]
    pub(super) plan: Option<String>,
}

impl Record for Head {
    const FORMAT: &'static str = "portolan-journal 2";
    const BEFORE: Option<&'static str> = Some("portolan-journal 1");
}

impl Head {
    /// With the plan as it is written beside it.
    pub(super) fn of(journal: &Journal, plan: &str) -> Self {
        Self {
            id: journal.id.clone(),
            boot: journal.boot.clone(),
            kind: journal.kind,
            generation: journal.generation,
            drain: journal.drain,
            deadline: journal.deadline.map(|Uptime(seconds)| seconds),
            plan: Some(Digest::of(plan.as_bytes()).to_string()),
        }
    }

    pub(super) fn with(self, marker: Marker, plan: PlanFile) -> Journal {
        Journal {
            id: self.id,
            boot: self.boot,
            kind: self.kind,
            generation: self.generation,
            drain: self.drain,
            deadline: self.deadline.map(Uptime),
            marker,
            plan,
        }
    }
}
