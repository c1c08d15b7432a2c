//! From what a node holds to what it is asked to hold: the fewest steps, in a safe order.
//!
//! [`plan`] compares a desired state with an observed one and gives a [`Plan`]: steps that each
//! change one object, know their inverse, and stand in an order that keeps every promise on the
//! way. The order is that of a graph ([`order`]) whose edges are the constraints of an apply: what a
//! rule names exists before the rule, an address appears after all that serves it and goes before
//! it, a pool never runs empty while it is exchanged.
//!
//! Nothing here touches a node; executing the steps is the business of whoever holds one.

mod claim;
mod compare;
mod desired;
mod graph;
mod order;
mod safety;
mod step;

pub use claim::{Inventory, Ownership};
pub use desired::Desired;
pub use graph::{Cycle, order};
pub use order::{Barrier, Constraint};
pub use safety::{Guard, Refusal};
pub use step::{
    Delta, DestinationKey, Durability, Interruption, Phase, RuleChain, RulePosition, Step, Subject,
};

use crate::observed::Observed;

/// What has to be done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The steps, in an order that may be carried out.
    pub steps: Vec<Step>,
    /// What was found that nobody here knows and that is left alone, in a line each.
    pub left_alone: Vec<String>,
}

impl Plan {
    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The steps that lead back, in an order that may be carried out.
    pub fn inverse(&self) -> Vec<Step> {
        self.steps.iter().rev().map(Step::inverse).collect()
    }
}

/// Plans the way from an observed state to a desired one.
///
/// # Errors
/// A cycle among the ordering constraints, which is a bug of portolan's.
pub fn plan(desired: &Desired, observed: &Observed, ownership: &Ownership) -> Result<Plan, Cycle> {
    let comparison = compare::compare(desired, observed, ownership);
    Ok(Plan {
        steps: order(comparison.steps)?,
        left_alone: comparison.left_alone,
    })
}
