//! What a node holds of ours, in one number.
//!
//! A node has the target that it is asked for where no difference is left. Where one is, no number is
//! made up for what it holds instead: others may have made of it what portolan has no words for.

use super::{Durability, Plan};
use crate::bundle::Target;
use crate::mode::NodeState;
use crate::target::target;

/// What a node holds, held against a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Just that.
    Target(Target),
    /// That of IPv4: of IPv6, which is asked for as well, the node has nothing.
    Ipv4Of(Target),
    /// Something else, in so many objects.
    Other {
        /// Objects that are missing, changed or too many.
        objects: usize,
    },
}

impl Held {
    /// What a node holds from which this plan leads to a state.
    pub fn of(state: &NodeState, way: &Plan) -> Self {
        let lasting = |step: &&super::Step| step.durability == Durability::Lasting;
        match way.steps.iter().filter(lasting).count() {
            0 if way.unserved().is_some() => Self::Ipv4Of(target(state)),
            0 => Self::Target(target(state)),
            objects => Self::Other { objects },
        }
    }

    /// The target that it holds the whole of.
    pub fn target(self) -> Option<Target> {
        match self {
            Self::Target(target) => Some(target),
            Self::Ipv4Of(_) | Self::Other { .. } => None,
        }
    }
}
