//! ipsets: their types, entries, the text `ipset restore` takes, and a reader for it and for what
//! `ipset save` prints.

mod listing;
mod observed;
mod read;
mod set;
mod write;

pub use observed::{Foreign, Observed};
pub use read::{Problem, ReadError, read};
pub use set::{Entry, Set, SetHeader, SetName, SetType, TEMPORARY_SET};
pub use write::write;
