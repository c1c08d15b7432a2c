//! Plans that are more likely a mistake than meant.

use super::{Delta, Plan, Subject};
use crate::observed::Observed;
use crate::plan::Desired;

/// What a plan may do without being told twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Most virtual servers that may go, in percent of those that are there.
    pub removal_percent: u8,
    /// Whether the input may ask for no virtual server at all.
    pub empty: EmptyInput,
}

/// Whether input without a single Service is taken at its word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EmptyInput {
    /// It is refused: a wrong folder looks just so.
    #[default]
    Refused,
    /// It is meant.
    Meant,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            removal_percent: 25,
            empty: EmptyInput::Refused,
        }
    }
}

/// Why a plan is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is asked for.
    #[error("the input has no Service: everything would be removed")]
    Empty,
    /// Too much would go.
    #[error("{removed} of {present} virtual servers would be removed, more than {limit} %")]
    TooMuch {
        /// Virtual servers that would go.
        removed: usize,
        /// Virtual servers that are there.
        present: usize,
        /// The limit in percent.
        limit: u8,
    },
}

impl Guard {
    /// Checks a plan.
    ///
    /// # Errors
    /// A plan that is more likely a mistake than meant.
    pub fn check(
        &self,
        plan: &Plan,
        desired: &Desired,
        observed: &Observed,
    ) -> Result<(), Refusal> {
        if self.empty == EmptyInput::Refused && desired.ipvs().virtual_servers.is_empty() {
            return Err(Refusal::Empty);
        }
        let present = observed.virtual_servers.servers.len();
        let removed = plan
            .steps
            .iter()
            .filter(|step| matches!(step.subject, Subject::Server(_, Delta::Remove(_))))
            .count();
        if removed * 100 > present * usize::from(self.removal_percent) {
            return Err(Refusal::TooMuch {
                removed,
                present,
                limit: self.removal_percent,
            });
        }
        Ok(())
    }
}
