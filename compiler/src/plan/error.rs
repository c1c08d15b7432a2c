//! Why there is no plan.

use super::Cycle;
use crate::kernel::ipset::SetName;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A set has to be made anew, and rules that are not ours keep it.
    #[error(
        "set {set} is {found}, and has to be {wanted}; it cannot be replaced while a rule of chain \
         {chain}, which is not ours, names it"
    )]
    SetInUse {
        /// Name of the set, which is ours.
        set: SetName,
        /// What it is.
        found: Box<str>,
        /// What it has to be.
        wanted: Box<str>,
        /// A chain that names it.
        chain: Box<str>,
    },
    /// The constraints contradict each other.
    #[error(transparent)]
    Cycle(#[from] Cycle),
}

impl PlanError {
    /// What the person at the node can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::SetInUse { set, chain, .. } => {
                format!("remove the rules of {chain} that name {set}, and plan again")
            }
            Self::Cycle(_) => "report it with the capture and the manifests".to_owned(),
        }
    }
}
