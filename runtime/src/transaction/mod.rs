//! All or nothing on a node: the old state or the new one, whatever fails or dies in between.
//!
//! A transaction goes through phases ([`Phase`]). Before the first step it writes a journal with the
//! whole plan; after a phase that recovery has to know about, a marker ([`store::Marker`]). What was
//! done in between is nowhere written down: the node itself shows it, and
//! [`retrace`](portolan_compiler::plan::retrace) finds the way back or the rest of the way from
//! wherever it was cut off.
//!
//! | found by recovery | it goes |
//! |---|---|
//! | `prepared` | back: the new state was never checked |
//! | `switched`, a confirmation is due | back once its time is over; until then it waits |
//! | `switched` | on |
//! | `cleaning` | on: connections of the old state have ended already |
//! | any, of another boot | nowhere: the kernel has forgotten both |
//!
//! One portolan at a time works on a node, and the programs it starts hold its lock.

mod confirm;
mod drain;
mod engine;
mod error;
mod event;
mod recover;
pub mod store;
mod take;
#[cfg(test)]
mod tests;

pub use crate::host::{Heed, Interrupts, Never, Signal, Signals};
pub use confirm::{Arm, Timer};
pub use drain::Drained;
pub use engine::{Change, Engine, Outcome};
pub use error::{Cause, Residue, TransactionError};
pub use event::{Event, Phase, Silent, Watch};
pub use recover::Recovered;
pub use take::{Standing, Taken};
