//! A plan for people: in a terminal, and as a comment on a change. For machines there is
//! [`super::file`].

mod concerned;
mod counts;
mod heading;
mod human;
mod lines;
mod markdown;
mod object;

pub use counts::{Counts, count};
pub use heading::{Heading, Services};
pub use human::human;
pub use markdown::markdown;
pub use object::object;

use super::Plan;
use crate::model::name::NodeName;

/// What is rendered.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The node.
    pub node: &'a NodeName,
    /// What has to be done.
    pub plan: &'a Plan,
    /// What the node serves in the end.
    pub services: &'a Services,
}
