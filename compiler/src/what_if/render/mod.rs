//! What becomes of Services, for people and machines: the report of [`crate::diff`], with what is asked
//! of a maintenance window.

mod json;
mod notes;
mod outline;
mod table;
mod words;

pub use json::{each_json, json};
pub use notes::{notes, notes_of_each};
pub use outline::{headline, tell};
pub use table::outline;
