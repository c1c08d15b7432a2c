//! Plans that are not made.

use portolan_compiler::back::ArtefactError;
use portolan_compiler::model::Mode;
use portolan_compiler::plan::{PlanError, Refusal};

use crate::cli::{Exit, Explain};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum PlanningError {
    /// Something stands in the way.
    #[error(transparent)]
    Impossible(PlanError),
    /// A generation that this portolan does not understand.
    #[error("cannot use generation {number}")]
    Generation {
        /// Its number.
        number: u64,
        /// Why not.
        #[source]
        problem: ArtefactError,
    },
    /// Manifests in a mode of which no node's state is planned.
    #[error("the manifests are for mode {}, and only mode ipvs can be planned, applied and compared", .0.as_str())]
    Mode(Mode),
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
            Self::Mode(_) => Exit::Unavailable,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Impossible(error) => error.help(),
            Self::Generation { .. } => "roll back to another: `portolan history`".to_owned(),
            Self::Mode(mode) => format!(
                "pass --mode ipvs; `portolan compile` shows what mode {} would program",
                mode.as_str()
            ),
            Self::Refused(Refusal::Empty) => {
                "check the input and --node; pass --allow-empty if all is to go".to_owned()
            }
            Self::Refused(Refusal::TooMuch { .. }) => {
                "check the input; pass --max-removal 100 to see the plan all the same".to_owned()
            }
        })
    }
}
