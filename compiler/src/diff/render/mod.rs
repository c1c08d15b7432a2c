//! Differences for people and machines. Whatever comes from manifests or nodes is written so that it
//! cannot pass for anything else: printable ASCII, and quoted as the format asks.

mod alike;
mod github;
mod gitlab;
mod human;
mod json;
mod markdown;
mod outline;
mod treatment;
mod words;

pub use alike::{EntryShape, Shape};
pub use github::github;
pub use gitlab::gitlab;
pub use human::human;
pub(crate) use json::service_document;
pub use json::{kernel_json, service_json, unified_json};
pub use markdown::{markdown, markdown_part};
pub use outline::{
    Compared, Line, ManifestLine, Outline, PortChanges, Reporter, Section, Sign, Table,
};
