//! What keeps a node from being planned for and programmed, and what to do about it.
//!
//! [`examine`] asks the node; [`findings`] judges the answers and nothing else, so that tests put any
//! node in front of it.

mod checks;
mod examine;
mod finding;

pub use checks::findings;
pub use examine::{FoundIpvs, FoundRules, Readings, Unread, examine};
pub use finding::{Finding, FindingId, Severity};
