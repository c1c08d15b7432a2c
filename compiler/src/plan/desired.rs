//! What a node is asked to hold.

use crate::back::ipvs::NodeState;

/// What a node is asked to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Desired {
    /// What mode ipvs keeps.
    Ipvs(Box<NodeState>),
}

impl Desired {
    /// The state of mode ipvs.
    pub fn ipvs(&self) -> &NodeState {
        match self {
            Self::Ipvs(state) => state,
        }
    }
}
