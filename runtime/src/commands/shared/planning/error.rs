//! Plans that are not made.

use portolan_compiler::mode::ArtefactError;
use portolan_compiler::plan::{PlanError, Refusal};

use crate::report::{Exit, Explain};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum PlanningError {
    /// Something stands in the way.
    #[error(transparent)]
    Impossible(PlanError),
    /// A generation that this portolan does not understand.
    #[error("cannot use generation {number}")]
    Generation {
        number: u64,
        #[source]
        problem: ArtefactError,
    },
    /// It is more likely a mistake than meant.
    #[error(transparent)]
    Refused(Refusal),
}

impl Explain for PlanningError {
    fn exit(&self) -> Exit {
        match self {
            Self::Impossible(PlanError::Cycle(_)) => Exit::Internal,
            Self::Impossible(PlanError::SetInUse { .. })
            | Self::Generation { .. }
            | Self::Refused(_) => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Impossible(error) => error.help(),
            Self::Generation { .. } => "roll back to another: `portolan history`".to_owned(),
            Self::Refused(Refusal::Empty) => {
                "check the input and --node; pass --allow-empty if all is to go".to_owned()
            }
            Self::Refused(Refusal::TooMuch { .. }) => {
                "check the input; pass --max-removal 100 to see the plan all the same".to_owned()
            }
        })
    }
}
