//! Text of strangers on its way to a reader: names in manifests, file names, what tools print. Each
//! output language has one function here, and printers use no other way to quote.
//!
//! All of them give printable ASCII only (and paths of workflow commands letters and digits beyond it), so that nothing moves a cursor, changes colours, turns the
//! direction of writing, hides, or passes for other letters; a line feed within a name cannot begin a
//! line. What CI systems obey within any line of a log is broken up too (see [`visible`]).

mod json;
mod markdown;
mod picture;
mod sarif;
mod terminal;
mod workflow;
mod xml;

pub use json::{json, json_line, json_source};
pub use markdown::{code, fenced, markdown, marker};
pub use terminal::{guarded, paragraph, visible};
pub use workflow::{is_letter, message, messages, path, property};

pub(crate) use picture::{dot, mermaid};
pub(crate) use sarif::sarif;
pub(crate) use terminal::push;
pub(crate) use xml::xml;

#[cfg(test)]
mod tests;
