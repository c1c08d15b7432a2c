//! A plan for people: in a terminal, and as a comment on a change. For machines there is
//! [`super::file`].

mod concerned;
mod counts;
mod heading;
mod human;
mod lines;
mod markdown;
mod mode;
mod touched;

pub use counts::Counts;
pub(super) use heading::of_chain;
pub use heading::{Heading, Services};
pub use human::{human, nothing_to_do};
pub(super) use lines::{FLOW, Line, set_in_place};
pub use markdown::markdown;
pub(super) use mode::value as mode_change;

use std::collections::BTreeSet;

use super::Plan;
use crate::bundle::Target;
use crate::model::name::NodeName;

/// A plan with what is said beside it.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The node that the plan is for.
    pub node: &'a NodeName,
    /// What it leads to, in one number.
    pub target: Target,
    /// What has to be done.
    pub plan: &'a Plan,
    /// What the node serves in the end.
    pub services: &'a Services,
    /// What has to be known of what was found on the node, a line each.
    pub notes: &'a [String],
}

impl Page<'_> {
    /// What some step changes something of.
    pub fn touched(&self) -> BTreeSet<Heading> {
        let steps = self.plan.steps.iter();
        steps.flat_map(|step| self.services.touched(step)).collect()
    }
}
